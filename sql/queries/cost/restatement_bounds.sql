-- purpose: the event times for which two books differ
-- params: book_version, previous_version UInt64
-- columns: points (how many differ), from_ns, to_ns (both included)
-- tables: price_points
SELECT
    count() AS points,
    toUnixTimestamp64Nano(min(valid_from)) AS from_ns,
    toUnixTimestamp64Nano(max(valid_to)) AS to_ns
FROM (
    SELECT valid_from, valid_to
    FROM price_points
    WHERE book_version IN ({book_version:UInt64}, {previous_version:UInt64})
    GROUP BY tenant, provider, model, meter, service_tier, valid_from, valid_to, currency, above, amounts, list_amounts, price_ids
    HAVING count() = 1
)
