-- purpose: the version a new price book gets, above every version that has points, also ones a crash left unpublished
-- params: none
-- columns: book_version
-- tables: price_books, price_points
SELECT greatest(
    (SELECT max(price_books.book_version) FROM price_books),
    (SELECT max(price_points.book_version) FROM price_points)) + 1 AS book_version
