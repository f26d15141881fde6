-- purpose: log records and metric points of a window
-- params: tenants Array(String) (empty: all); from_ns Int64 (included), to_ns Int64 (excluded)
-- columns: kind (logs or metric_points), items
-- tables: logs, metric_points
SELECT 'logs' AS kind, count() AS items
FROM logs
WHERE (empty({tenants:Array(String)}) OR has({tenants:Array(String)}, tenant))
    AND time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
    AND time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
UNION ALL
SELECT 'metric_points', count()
FROM metric_points
WHERE (empty({tenants:Array(String)}) OR has({tenants:Array(String)}, tenant))
    AND time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
    AND time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
