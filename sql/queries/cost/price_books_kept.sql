-- purpose: versions whose points nothing needs: not the newest few, and restated for good, as is the version after them
-- params: versions_min UInt32
-- columns: book_version
-- tables: price_points, price_books, price_restatements
SELECT DISTINCT price_points.book_version AS book_version
FROM price_points
WHERE book_version < (
        SELECT min(newest.book_version)
        FROM (SELECT price_books.book_version AS book_version FROM price_books ORDER BY book_version DESC LIMIT {versions_min:UInt32}) AS newest)
    AND book_version < (
        SELECT ifNull(min(open.follows), 0)
        FROM (
            SELECT lagInFrame(price_books.book_version, 1, 0) OVER (ORDER BY price_books.book_version ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS follows, price_books.book_version AS book_version
            FROM price_books
        ) AS open
        WHERE open.book_version NOT IN (SELECT price_restatements.book_version FROM price_restatements WHERE final)
            OR open.book_version = (SELECT max(price_books.book_version) FROM price_books))
ORDER BY book_version
