-- purpose: published books whose charges are not finally restated, oldest first
-- params: settled_ns Int64 (engine time an insert may take)
-- columns: book_version, previous_version, newest_version, change_id, reason, approver, passes (restatements so far),
--          settled (whether no insert can still be priced by the book before)
-- tables: price_books, price_restatements
SELECT
    book_version, previous_version, (SELECT max(book_version) FROM price_books) AS newest_version,
    change_id, reason, approver,
    done.passes AS passes,
    toUnixTimestamp64Nano(now64(9, 'UTC')) > toUnixTimestamp64Nano(published_at) + {settled_ns:Int64} AS settled
FROM (
    SELECT
        book_version, change_id, reason, approver, published_at,
        lagInFrame(book_version, 1, 0) OVER (ORDER BY book_version ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS previous_version
    FROM price_books
) AS books
LEFT JOIN (
    SELECT book_version, count() AS passes, max(final) AS finished
    FROM price_restatements
    GROUP BY book_version
) AS done USING book_version
WHERE done.finished = 0
ORDER BY book_version
