-- purpose: what was charged on the days and for the providers of an invoice
-- params: tenants Array(String) (empty: all but the service's own); scoped Array(String): tenants that are told
--         apart, the others being one; providers Array(String), lower case; from_ns Int64 (included)
--         and to_ns Int64 (excluded), both whole days; known_ns Int64: the last booking counted
-- columns: day, scope_tenant, provider, model, meter, unit, service_tier, currency, sum_quantity, sum_cost, sum_unpriced,
--          apart (whether money may stand beside its quantity)
-- tables: charge_sums
SELECT
    toDate(hour, 'UTC') AS day,
    if(has({scoped:Array(String)}, tenant), tenant, '') AS scope_tenant,
    lower(s.provider) AS provider,
    lower(s.model) AS model,
    meter, unit, service_tier, currency,
    sum(quantity) AS sum_quantity,
    sum(cost) AS sum_cost,
    sum(unpriced) AS sum_unpriced,
    max(kind IN ('late_price', 'correction')) AS apart
FROM charge_sums(known_ns = {known_ns:Int64}) AS s
WHERE {{of_tenants}}
    AND {{in_whole_hours}}
    AND has({providers:Array(String)}, lower(s.provider))
    AND kind != 'shortfall'
GROUP BY ALL
ORDER BY day, scope_tenant, provider, model, meter, unit, service_tier, currency
