-- purpose: the hours in which a book changed the price of charges, and how many it touches
-- params: book_version, previous_version, newest_version UInt64; from_ns Int64, to_ns Int64 (both included) bound event time
-- columns: hour_s (unix time of its start), charges
-- tables: charges, price_points
WITH
    changed AS (
        SELECT DISTINCT tenant, provider, model, meter
        FROM (
            SELECT tenant, provider, model, meter
            FROM price_points
            WHERE book_version IN ({book_version:UInt64}, {previous_version:UInt64})
            GROUP BY tenant, provider, model, meter, service_tier, valid_from, valid_to, currency, above, amounts, list_amounts, price_ids
            HAVING count() = 1
        )
        -- A later book that changed a key again gives its reason.
        WHERE (tenant, provider, model, meter) NOT IN (
            SELECT tenant, provider, model, meter
            FROM price_points
            WHERE book_version IN ({book_version:UInt64}, {newest_version:UInt64})
            GROUP BY tenant, provider, model, meter, service_tier, valid_from, valid_to, currency, above, amounts, list_amounts, price_ids
            HAVING count() = 1
                AND {book_version:UInt64} != {newest_version:UInt64}
        )
    ),
    (SELECT groupUniqArray(tenant) FROM changed) AS tenants
SELECT toUnixTimestamp(toStartOfHour(toDateTime(time, 'UTC'))) AS hour_s, count() AS charges
FROM charges
WHERE time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
    AND time <= fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
    AND (has(tenants, '') OR has(tenants, tenant))
    AND (lower(provider), lower(model), meter) IN (SELECT provider, model, meter FROM changed)
GROUP BY hour_s
ORDER BY hour_s
