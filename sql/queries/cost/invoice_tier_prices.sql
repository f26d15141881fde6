-- purpose: what a day's service tiers cost by the price list now in force
-- params: providers, models Array(String), lower case; from_ns, to_ns Int64 bound the days
-- columns: provider, model, meter, service_tier, currency, valid_from, valid_to (UTC ns), amount (of the first step)
-- tables: price_points_now
SELECT
    provider, model, meter, service_tier, currency,
    toUnixTimestamp64Nano(p.valid_from) AS valid_from,
    toUnixTimestamp64Nano(p.valid_to) AS valid_to,
    amounts[1] AS amount
FROM price_points_now AS p
WHERE tenant = '' AND service_tier != ''
    AND has({providers:Array(String)}, provider)
    AND has({models:Array(String)}, model)
    AND p.valid_from < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
    AND p.valid_to >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
