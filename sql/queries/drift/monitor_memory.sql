-- purpose: what the newest windows before a time leave behind for each feature and slice of a monitor
-- params: tenant String, monitor_id String, from_ns Int64 (included), before_ns Int64 (excluded)
-- columns: feature, dimension, value, statistic, evidence (of the e-detector), streak (windows in a row)
-- tables: drift_results
SELECT
    feature,
    dimension,
    value,
    statistic,
    argMax(assumeNotNull(e_value), (window_start, evaluated_at)) AS evidence,
    argMax(JSONExtractInt(method, 'streak'), (window_start, evaluated_at)) AS streak
FROM drift_results
WHERE tenant = {tenant:String}
    AND monitor_id = {monitor_id:String}
    AND window_start >= toDateTime(fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC'))
    AND window_start < toDateTime(fromUnixTimestamp64Nano({before_ns:Int64}, 'UTC'))
    AND state != 'unable'
GROUP BY feature, dimension, value, statistic
