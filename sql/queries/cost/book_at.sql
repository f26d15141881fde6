-- purpose: the price book that held at a time
-- params: known_ns Int64
-- columns: book_version (0 where none was published by then)
-- tables: price_books
SELECT max(book_version) AS book_version
FROM price_books
WHERE published_at <= fromUnixTimestamp64Nano({known_ns:Int64}, 'UTC')
