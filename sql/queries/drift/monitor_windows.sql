-- purpose: the windows of a monitor as they were judged last
-- params: tenant String, monitor_id String, from_ns Int64 (included), to_ns Int64 (excluded) bound the
--         start of the window
-- columns: start_ns, end_ns, evaluated_ns, state (number of the gravest; unable only where nothing was
--          judged), significant (findings not by chance), reference_version, backfilled,
--          counted_ns (when the newest of its hours had been counted)
-- tables: drift_results
SELECT
    toInt64(toUnixTimestamp(window_start)) * 1000000000 AS start_ns,
    toInt64(toUnixTimestamp(any(window_end))) * 1000000000 AS end_ns,
    toUnixTimestamp64Nano(evaluated_at) AS evaluated_ns,
    if(countIf(drift_results.state != 'unable') = 0, 6, maxIf(toInt8(drift_results.state), drift_results.state != 'unable')) AS state,
    toUInt64(countIf(drift_results.state IN ('significant', 'suspected', 'confirmed', 'cooling'))) AS significant,
    toUInt32(max(drift_results.reference_version)) AS reference_version,
    toBool(any(drift_results.backfilled)) AS backfilled,
    max(JSONExtractInt(method, 'counted_ns')) AS counted_ns
FROM drift_results
WHERE tenant = {tenant:String}
    AND monitor_id = {monitor_id:String}
    AND window_start >= toDateTime(fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC'))
    AND window_start < toDateTime(fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC'))
    AND (window_start, evaluated_at) IN (
        SELECT window_start, max(evaluated_at)
        FROM drift_results
        WHERE tenant = {tenant:String}
            AND monitor_id = {monitor_id:String}
            AND window_start >= toDateTime(fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC'))
            AND window_start < toDateTime(fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC'))
        GROUP BY window_start
    )
GROUP BY window_start, evaluated_at
ORDER BY window_start
