-- purpose: what a version of the price book changed, and whose
-- params: book_version, previous_version, newest_version UInt64
-- tables: price_points
-- A later book that changed a key again gives its reason.
changed AS (
    SELECT DISTINCT tenant, provider, model, meter
    FROM (
        SELECT tenant, provider, model, meter
        FROM price_points
        WHERE book_version IN ({book_version:UInt64}, {previous_version:UInt64})
        GROUP BY tenant, provider, model, meter, service_tier, valid_from, valid_to, currency, above, amounts, list_amounts, price_ids
        HAVING count() = 1
    )
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
