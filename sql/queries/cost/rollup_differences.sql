-- purpose: tenants whose sums by hour, or by day and user, are not those of their charges
-- params: from_ns Int64 (included), to_ns Int64 (excluded) are whole days of event time
-- columns: tenant, difference_cost, difference_user_cost, difference_quantity, difference_rows (sums less charges)
-- tables: charges, charge_hours, charge_user_days, charge_watermarks
WITH (SELECT max(watermark) FROM charge_watermarks) AS last
SELECT
    tenant,
    sum(hour_cost) - sum(raw_cost) AS difference_cost,
    sum(user_cost) - sum(raw_cost) AS difference_user_cost,
    sum(hour_quantity) - sum(raw_quantity) AS difference_quantity,
    toInt64(sum(hour_rows)) - toInt64(sum(raw_rows)) AS difference_rows
FROM (
    SELECT
        tenant, cost AS raw_cost, quantity AS raw_quantity, 1 AS raw_rows,
        toDecimal128(0, 18) AS hour_cost, toDecimal128(0, 9) AS hour_quantity, 0 AS hour_rows, toDecimal128(0, 18) AS user_cost
    FROM charges FINAL
    WHERE {{in_time}}
        AND booked_at <= last
        AND state != 'aggregate'
    UNION ALL
    SELECT tenant, 0, 0, 0, cost, quantity, rows, 0
    FROM charge_hours
    WHERE {{in_whole_hours}}
        AND watermark GLOBAL IN (SELECT watermark FROM charge_watermarks)
    UNION ALL
    SELECT tenant, 0, 0, 0, 0, 0, 0, cost
    FROM charge_user_days
    WHERE day >= toDate(fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC'))
        AND day < toDate(fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC'))
        AND watermark GLOBAL IN (SELECT watermark FROM charge_watermarks)
)
GROUP BY tenant
HAVING difference_cost != 0 OR difference_user_cost != 0 OR difference_quantity != 0 OR difference_rows != 0
ORDER BY tenant
