-- purpose: published prices of one model, for everybody and for the tenants asked about
-- params: tenants Array(String) (empty: all); provider, model String (lower case)
-- columns: tenant, provider, model, meter, service_tier, valid_from, valid_to (UTC ns, both included), currency,
--          above, amounts, list_amounts, price_ids, rules
-- tables: price_points, price_books
SELECT
    {{price_point}}
FROM price_points
WHERE book_version = (SELECT max(book_version) FROM price_books)
    AND (price_points.tenant = '' OR empty({tenants:Array(String)}) OR has({tenants:Array(String)}, price_points.tenant))
    AND price_points.provider = {provider:String}
    AND price_points.model = {model:String}
ORDER BY tenant, meter, service_tier, valid_from
