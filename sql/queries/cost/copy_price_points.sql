-- purpose: take over into a new version of the book what a change left alone
-- params: book_version, from_version UInt64; tenants, providers, models Array(String), the names that lost their prices
-- columns: none
-- tables: price_points
INSERT INTO price_points
    (book_version, tenant, provider, model, meter, service_tier, valid_from, valid_to, currency, above, amounts, list_amounts,
     price_ids, rules)
SELECT
    {book_version:UInt64}, tenant, provider, model, meter, service_tier, valid_from, valid_to, currency, above, amounts,
    list_amounts, price_ids, rules
FROM price_points
WHERE book_version = {from_version:UInt64}
    AND (tenant, provider, model) NOT IN (SELECT tenant, provider, model FROM price_points WHERE book_version = {book_version:UInt64})
    AND NOT has(arrayZip({tenants:Array(String)}, {providers:Array(String)}, {models:Array(String)}), (tenant, provider, model))
