-- purpose: what was booked between two moments about a window of event time, at the grain of a FOCUS
--          row: what was known at the later one less what was known at the earlier
-- params: tenants Array(String) (empty: all but the service's own); from_ns Int64 (included) and
--         to_ns Int64 (excluded), both whole hours; known_ns Int64 (the later), closed_ns Int64 (the earlier)
-- columns: day, tenant, project, provider, model, meter, unit, service_tier, kind, currency,
--          sum_quantity, sum_cost, sum_list_cost, sum_events, sum_unpriced
-- tables: charge_sums
SELECT
    toDate(hour, 'UTC') AS day,
    tenant, project, provider, model, meter, unit, service_tier, kind, currency,
    sum(sign * quantity) AS sum_quantity,
    sum(sign * cost) AS sum_cost,
    sum(sign * list_cost) AS sum_list_cost,
    sum(sign * events) AS sum_events,
    sum(sign * unpriced) AS sum_unpriced
FROM (
    SELECT
        1 AS sign, hour, tenant, project, provider, model, meter, unit, service_tier, kind, currency,
        quantity, cost, list_cost, events, unpriced
    FROM charge_sums(known_ns = {known_ns:Int64})
    WHERE {{in_whole_hours}}
    UNION ALL
    SELECT
        -1 AS sign, hour, tenant, project, provider, model, meter, unit, service_tier, kind, currency,
        quantity, cost, list_cost, events, unpriced
    FROM charge_sums(known_ns = {closed_ns:Int64})
    WHERE {{in_whole_hours}}
)
WHERE {{of_tenants}}
GROUP BY ALL
HAVING sum_quantity != 0 OR sum_cost != 0 OR sum_list_cost != 0 OR sum_events != 0 OR sum_unpriced != 0
ORDER BY day, tenant, project, provider, model, meter, unit, service_tier, kind, currency
