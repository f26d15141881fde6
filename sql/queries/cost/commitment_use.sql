-- purpose: what a tenant was charged in a month by model and day, without what commitments added
-- params: tenant String; from_hour, to_hour DateTime (the end is not included); known_ns Int64
-- columns: provider, model, day, currency, cost
-- tables: charge_sums
SELECT
    toString(provider) AS provider,
    toString(model) AS model,
    toDate(hour, 'UTC') AS day,
    toString(currency) AS currency,
    sum(charge_sums.cost) AS cost
FROM charge_sums(known_ns = {known_ns:Int64})
WHERE tenant = {tenant:String}
    AND hour >= {from_hour:DateTime} AND hour < {to_hour:DateTime}
    AND kind != 'shortfall' AND currency != ''
GROUP BY provider, model, day, currency
HAVING cost != 0
ORDER BY provider, model, day, currency
