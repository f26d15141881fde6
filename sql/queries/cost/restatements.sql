-- purpose: published books, newest first, with what bringing the charges up to them booked
-- params: before_version UInt64 (excluded); limit UInt32
-- columns: book_version, published_ns, points, change_id, actor, approver, reason, passes, finished (whether no further pass
--          comes), late_prices, corrections, cost_changes
-- tables: price_books, price_restatements
SELECT
    book_version, toUnixTimestamp64Nano(published_at) AS published_ns, points, change_id, actor, approver, reason,
    done.passes AS passes, done.finished AS finished, done.late_prices AS late_prices, done.corrections AS corrections,
    done.cost_changes AS cost_changes
FROM price_books
LEFT JOIN (
    SELECT
        book_version, count() AS passes, max(final) AS finished, sum(r.late_prices) AS late_prices,
        sum(r.corrections) AS corrections, sumMap(r.cost_changes) AS cost_changes
    FROM price_restatements AS r
    GROUP BY book_version
) AS done USING book_version
WHERE book_version < {before_version:UInt64}
ORDER BY book_version DESC
LIMIT {limit:UInt32}
