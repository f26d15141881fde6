-- purpose: one page of what a monitor found, newest window first, of each window the newest judgement
-- params: tenant String, monitor_id String; from_ns Int64 (included), to_ns Int64 (excluded) bound the
--         start of the window; state, feature String (empty: any); the last row seen: before_ns Int64,
--         after_feature, after_dimension, after_value, after_statistic String; limit UInt32
-- columns: start_ns, end_ns, monitor_version, model, feature, dimension, value, statistic, reference_id,
--          reference_version, n_reference, n_current, estimate, low, high, p_value, q_value, e_value,
--          tolerance, traffic_share, state, state_reason, incident_id, codes, counts, method, backfilled,
--          evaluated_ns
-- tables: drift_results
SELECT
    toInt64(toUnixTimestamp(window_start)) * 1000000000 AS start_ns,
    toInt64(toUnixTimestamp(window_end)) * 1000000000 AS end_ns,
    monitor_version,
    model,
    feature,
    dimension,
    value,
    statistic,
    reference_id,
    reference_version,
    n_reference,
    n_current,
    estimate,
    low,
    high,
    p_value,
    q_value,
    e_value,
    tolerance,
    traffic_share,
    toString(state) AS state,
    state_reason,
    incident_id,
    codes,
    counts,
    method,
    backfilled,
    toUnixTimestamp64Nano(evaluated_at) AS evaluated_ns
FROM drift_results
WHERE tenant = {tenant:String}
    AND monitor_id = {monitor_id:String}
    AND window_start >= toDateTime(fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC'))
    AND window_start < toDateTime(fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC'))
    AND ({state:String} = '' OR toString(drift_results.state) = {state:String})
    AND ({feature:String} = '' OR feature = {feature:String})
    AND (window_start < toDateTime(fromUnixTimestamp64Nano({before_ns:Int64}, 'UTC'))
        OR (window_start = toDateTime(fromUnixTimestamp64Nano({before_ns:Int64}, 'UTC'))
            AND (feature, dimension, value, statistic)
                > ({after_feature:String}, {after_dimension:String}, {after_value:String}, {after_statistic:String})))
    AND (window_start, evaluated_at) IN (
        SELECT window_start, max(evaluated_at)
        FROM drift_results
        WHERE tenant = {tenant:String}
            AND monitor_id = {monitor_id:String}
            AND window_start >= toDateTime(fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC'))
            AND window_start < toDateTime(fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC'))
        GROUP BY window_start
    )
ORDER BY window_start DESC, feature, dimension, value, statistic
LIMIT {limit:UInt32}
