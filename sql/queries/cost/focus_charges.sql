-- purpose: what was charged in a window, at the grain of a FOCUS row
-- params: tenants Array(String) (empty: all but the service's own); from_ns Int64 (included) and
--         to_ns Int64 (excluded), both whole hours; known_ns Int64: the last booking counted
-- columns: day, tenant, project, provider, model, meter, unit, service_tier, kind, currency,
--          sum_quantity, sum_cost, sum_list_cost, sum_events, sum_unpriced
-- tables: charge_sums
SELECT
    toDate(hour, 'UTC') AS day,
    tenant, project, provider, model, meter, unit, service_tier, kind, currency,
    sum(quantity) AS sum_quantity,
    sum(cost) AS sum_cost,
    sum(list_cost) AS sum_list_cost,
    sum(events) AS sum_events,
    sum(unpriced) AS sum_unpriced
FROM charge_sums(known_ns = {known_ns:Int64})
WHERE {{of_tenants}}
    AND {{in_whole_hours}}
GROUP BY ALL
ORDER BY day, tenant, project, provider, model, meter, unit, service_tier, kind, currency
