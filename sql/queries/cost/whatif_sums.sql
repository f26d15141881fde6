-- purpose: what was used in a window, summed by what prices depend on and by the keys asked for
-- params: tenants Array(String) (empty: all but the service's own); from_ns Int64 (included) and
--         to_ns Int64 (excluded), both whole hours; known_ns Int64: the last booking counted;
--         group_by Array(String); boundaries Array(Int64): UTC ns at which a price changes
-- columns: by_day, by_project, by_feature, by_service (each empty unless asked for), stretch (how many boundaries
--          lie before), at_ns (the first hour of it), tenant, provider, model, meter, unit, service_tier,
--          currency, sum_quantity, sum_cost, sum_events, sum_unpriced
-- tables: charge_sums
WITH {group_by:Array(String)} AS wanted
SELECT
    if(has(wanted, 'day'), toString(toDate(hour, 'UTC')), '') AS by_day,
    if(has(wanted, 'project'), project, '') AS by_project,
    if(has(wanted, 'feature'), product_feature, '') AS by_feature,
    if(has(wanted, 'service'), service_name, '') AS by_service,
    arrayCount(b -> b <= toInt64(toUnixTimestamp(hour)) * 1000000000, {boundaries:Array(Int64)}) AS stretch,
    min(toInt64(toUnixTimestamp(hour)) * 1000000000) AS at_ns,
    tenant, provider, model, meter, unit, service_tier, currency,
    sum(quantity) AS sum_quantity,
    sum(cost) AS sum_cost,
    sum(events) AS sum_events,
    sum(unpriced) AS sum_unpriced
FROM charge_sums(known_ns = {known_ns:Int64})
WHERE {{of_tenants}}
    AND {{in_whole_hours}}
GROUP BY by_day, by_project, by_feature, by_service, stretch, tenant, provider, model, meter, unit, service_tier, currency
ORDER BY by_day, by_project, by_feature, by_service, stretch, tenant, provider, model, meter, unit, service_tier, currency
