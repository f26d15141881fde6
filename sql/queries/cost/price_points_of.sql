-- purpose: published prices of one model, for one tenant and for everybody
-- params: tenant, provider, model String (the last two in lower case)
-- columns: tenant, provider, model, meter, service_tier, valid_from, valid_to (UTC ns, both included), currency,
--          above, amounts, list_amounts, price_ids, rules
-- tables: price_points, price_books
SELECT
    {{price_point}}
FROM price_points
WHERE book_version = (SELECT max(book_version) FROM price_books)
    AND price_points.tenant IN ({tenant:String}, '')
    AND price_points.provider = {provider:String}
    AND price_points.model = {model:String}
ORDER BY tenant, meter, service_tier, valid_from
