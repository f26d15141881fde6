-- purpose: the hours in which a book changed the price of charges, and how many it touches
-- params: book_version, previous_version, newest_version UInt64; from_ns Int64, to_ns Int64 (both included) bound event time
-- columns: hour_s (unix time of its start), charges
-- tables: charges, price_points
WITH
    {{changed_prices}}
SELECT toUnixTimestamp(toStartOfHour(toDateTime(time, 'UTC'))) AS hour_s, count() AS charges
FROM charges
WHERE time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
    AND time <= fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
    AND (has(tenants, '') OR has(tenants, tenant))
    AND (lower(provider), lower(model), meter) IN (SELECT provider, model, meter FROM changed)
GROUP BY hour_s
ORDER BY hour_s
