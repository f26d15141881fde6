-- purpose: when each hour of a reference's cube was counted last
-- params: tenant String, reference_id String, from_ns Int64 (included), to_ns Int64 (excluded)
-- columns: version, hour_ns, computed_ns
-- tables: feature_cube
SELECT
    version,
    toInt64(toUnixTimestamp(hour)) * 1000000000 AS hour_ns,
    toUnixTimestamp64Nano(max(computed_at)) AS computed_ns
FROM feature_cube
WHERE tenant = {tenant:String}
    AND reference_id = {reference_id:String}
    AND hour >= toDateTime(fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC'))
    AND hour < toDateTime(fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC'))
GROUP BY version, hour
ORDER BY version, hour
