-- purpose: when the newest price book was published
-- params: none
-- columns: published_at (UTC ns, 0 where there is none)
-- tables: price_books
SELECT toUnixTimestamp64Nano(max(price_books.published_at)) AS published_at
FROM price_books
