-- purpose: what is used without a price, by what a price would be set for
-- params: tenants Array(String) (empty: all but the service's own); from_ns Int64 (included), to_ns Int64 (excluded) are whole
--         hours; known_ns Int64 (nothing booked later); limit UInt32
-- columns: tenant, provider, model, meter, unit, service_tier, charges (how many lack a price), quantity (of all in the group),
--          first_s, last_s (hours of the first and the last, unix time)
-- tables: charge_sums
SELECT
    tenant, provider, model, meter, unit, service_tier,
    sum(unpriced) AS charges,
    sum(sums.quantity) AS total_quantity,
    toUnixTimestamp(minIf(hour, unpriced > 0)) AS first_s,
    toUnixTimestamp(maxIf(hour, unpriced > 0)) AS last_s
FROM (
    SELECT tenant, hour, provider, model, meter, unit, service_tier, quantity, unpriced
    FROM charge_sums(known_ns = {known_ns:Int64})
    WHERE {{in_whole_hours}}
        AND {{of_tenants}}
) AS sums
GROUP BY tenant, provider, model, meter, unit, service_tier
HAVING charges > 0
ORDER BY charges DESC, tenant, provider, model, meter, service_tier
LIMIT {limit:UInt32}
