-- purpose: the price book as far as it was known, in the order it was recorded
-- params: known_ns Int64; limit UInt32
-- columns: every column of prices, times as UTC ns, valid_to not included
-- tables: prices
SELECT
    toString(tenant) AS tenant,
    toString(provider) AS provider,
    model,
    toString(meter) AS meter,
    toString(service_tier) AS service_tier,
    above,
    toUnixTimestamp64Nano(prices.valid_from) AS valid_from,
    toUnixTimestamp64Nano(prices.valid_to) AS valid_to,
    toUnixTimestamp64Nano(prices.recorded_at) AS recorded_at,
    price_id,
    change_id,
    toString(kind) AS kind,
    amount,
    toString(currency) AS currency,
    toString(unit) AS unit,
    toString(source) AS source,
    source_url,
    actor,
    approver,
    reason
FROM prices
WHERE prices.recorded_at <= fromUnixTimestamp64Nano({known_ns:Int64}, 'UTC')
ORDER BY recorded_at, price_id
LIMIT {limit:UInt32}
