-- purpose: how monitors stood in their newest judged window
-- params: tenants Array(String) (empty is all), from_ns Int64 (start of the window, included)
-- columns: tenant, monitor_id, state (name of the gravest; unable only where nothing was judged),
--          start_ns, evaluated_ns, reason (of something that could not be judged), findings, significant
-- tables: drift_results
SELECT
    tenant,
    monitor_id,
    argMax(gravest, began) AS state,
    max(began) AS start_ns,
    argMax(evaluated, began) AS evaluated_ns,
    argMax(why, began) AS reason,
    argMax(judged, began) AS findings,
    argMax(notable, began) AS significant
FROM (
    SELECT
        tenant,
        monitor_id,
        toInt64(toUnixTimestamp(window_start)) * 1000000000 AS began,
        toUnixTimestamp64Nano(evaluated_at) AS evaluated,
        if(countIf(state != 'unable') = 0, 'unable', argMaxIf(toString(state), toInt8(state), state != 'unable')) AS gravest,
        anyIf(state_reason, state = 'unable') AS why,
        countIf(state != 'unable') AS judged,
        countIf(state IN ('significant', 'suspected', 'confirmed', 'cooling')) AS notable
    FROM drift_results
    WHERE (empty({tenants:Array(String)}) OR tenant IN {tenants:Array(String)})
        AND window_start >= toDateTime(fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC'))
    GROUP BY tenant, monitor_id, window_start, evaluated_at
    ORDER BY evaluated_at DESC
    LIMIT 1 BY tenant, monitor_id, window_start
)
GROUP BY tenant, monitor_id
ORDER BY tenant, monitor_id
