-- purpose: version of the newest published price book, 0 where there is none
-- params: none
-- columns: book_version
-- tables: price_books
SELECT max(price_books.book_version) AS book_version
FROM price_books
