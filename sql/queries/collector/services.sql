-- purpose: the services seen in a window, by spans, logs, metrics or decisions, by name
-- params: tenants Array(String) (empty: all but the service's own); from_ns Int64 (included), to_ns Int64 (excluded);
--         the last row seen, empty before the first: after Array(String); limit UInt32
-- columns: tenant, service, version, environment, spans, errors, decisions, logs, metric_points,
--          p50_ns, p95_ns (to within 1 %; 0 without spans), last_seen_ns
-- tables: spans, decisions, logs, metric_points
SELECT
    toString(tenant) AS owner,
    toString(service_name) AS service,
    toString(service_version) AS version,
    toString(environment) AS stage,
    sum(part_spans) AS spans,
    sum(part_errors) AS errors,
    sum(part_decisions) AS decisions,
    sum(part_logs) AS logs,
    sum(part_points) AS metric_points,
    max(part_quantiles[1]) AS p50_ns,
    max(part_quantiles[2]) AS p95_ns,
    toUnixTimestamp64Nano(max(part_seen)) AS last_seen_ns
FROM (
    SELECT
        tenant, service_name, service_version, environment,
        count() AS part_spans, countIf(status_code = 2) AS part_errors, 0 AS part_decisions,
        0 AS part_logs, 0 AS part_points,
        quantilesDD(0.01, 0.5, 0.95)(duration_ns) AS part_quantiles, max(start_time) AS part_seen
    FROM spans FINAL
    WHERE if(empty({tenants:Array(String)}), tenant != 'answerable', has({tenants:Array(String)}, tenant))
        AND start_time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
        AND start_time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
    GROUP BY tenant, service_name, service_version, environment
    UNION ALL
    SELECT
        tenant, service_name, service_version, environment,
        0, 0, count(), 0, 0, CAST([], 'Array(Float64)'), max(decisions.time)
    FROM decisions FINAL
    WHERE if(empty({tenants:Array(String)}), tenant != 'answerable', has({tenants:Array(String)}, tenant))
        AND time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
        AND time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
    GROUP BY tenant, service_name, service_version, environment
    UNION ALL
    SELECT
        tenant, service_name, service_version, environment,
        0, 0, 0, count(), 0, CAST([], 'Array(Float64)'), max(logs.time)
    FROM logs
    WHERE if(empty({tenants:Array(String)}), tenant != 'answerable', has({tenants:Array(String)}, tenant))
        AND time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
        AND time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
    GROUP BY tenant, service_name, service_version, environment
    UNION ALL
    SELECT
        tenant, service_name, service_version, environment,
        0, 0, 0, 0, count(), CAST([], 'Array(Float64)'), max(metric_points.time)
    FROM metric_points
    WHERE if(empty({tenants:Array(String)}), tenant != 'answerable', has({tenants:Array(String)}, tenant))
        AND time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
        AND time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
    GROUP BY tenant, service_name, service_version, environment
)
GROUP BY tenant, service_name, service_version, environment
HAVING [owner, service, version, stage] > {after:Array(String)}
ORDER BY owner, service, version, stage
LIMIT {limit:UInt32}
