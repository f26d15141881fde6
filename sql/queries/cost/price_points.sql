-- purpose: every published price of one version of the book
-- params: book_version UInt64
-- columns: tenant, provider, model, meter, service_tier, valid_from, valid_to (UTC ns, both included), currency,
--          above, amounts, list_amounts, price_ids, rules
-- tables: price_points
SELECT
    {{price_point}}
FROM price_points
WHERE book_version = {book_version:UInt64}
