-- purpose: what one pass of a restatement booked
-- params: entry String (the pass); from_ns Int64 (included), to_ns Int64 (excluded) bound event time
-- columns: currency, late_prices, corrections, cost
-- tables: charges
SELECT
    currency,
    countIf(kind = 'late_price') AS late_prices,
    countIf(kind = 'correction') AS corrections,
    sum(charges.cost) AS cost
FROM charges FINAL
WHERE {{in_time}}
    AND startsWith(entry, {entry:String})
GROUP BY currency
