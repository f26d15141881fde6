-- purpose: drop the points of one version of the book
-- params: book_version UInt64
-- columns: none
-- tables: price_points
ALTER TABLE price_points DROP PARTITION {book_version:UInt64}
