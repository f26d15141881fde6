-- purpose: exact spans, errors, decisions and tokens of the named traces; what was sent twice
--          counts once, and usage that an agent repeats from the calls beneath it does not count
-- params: tenants Array(String) (empty: all); trace_ids Array(String) (hex);
--         from_ns Int64 (included), to_ns Int64 (excluded) hold every span of them
-- columns: tenant, trace_id (hex), spans, errors, decisions, tokens
-- tables: spans, decisions, charges
WITH named AS (
    SELECT toFixedString(unhex(arrayJoin({trace_ids:Array(String)})), 16) AS trace_id
)
SELECT
    tenant,
    lower(hex(trace_id)) AS trace_id_hex,
    sum(part_spans) AS spans,
    sum(part_errors) AS errors,
    sum(part_decisions) AS decisions,
    sum(part_tokens) AS tokens
FROM (
    SELECT
        tenant, trace_id,
        count() AS part_spans, countIf(status_code = 2) AS part_errors,
        0 AS part_decisions, toDecimal128(0, 9) AS part_tokens
    FROM (
        SELECT tenant, trace_id, status_code
        FROM spans
        WHERE (empty({tenants:Array(String)}) OR has({tenants:Array(String)}, tenant))
            AND start_time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
            AND start_time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
            AND trace_id IN named
        ORDER BY received_at DESC
        LIMIT 1 BY tenant, trace_id, span_id
    )
    GROUP BY tenant, trace_id
    UNION ALL
    SELECT tenant, trace_id, 0, 0, uniqExact(decision_id), toDecimal128(0, 9)
    FROM decisions
    WHERE (empty({tenants:Array(String)}) OR has({tenants:Array(String)}, tenant))
        AND time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
        AND time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
        AND trace_id IN named
    GROUP BY tenant, trace_id
    UNION ALL
    SELECT
        tenant, trace_id, 0, 0, 0,
        if(countIf(NOT aggregate) > 0, sumIf(quantity, NOT aggregate), sum(quantity))
    FROM (
        SELECT tenant, trace_id, quantity, aggregate
        FROM charges
        WHERE entry = '' AND state != 'quarantined'
            AND (empty({tenants:Array(String)}) OR has({tenants:Array(String)}, tenant))
            AND time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
            AND time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
            AND trace_id IN named
            AND meter IN ('input', 'cache_read', 'cache_write', 'cache_write_1h', 'input_audio', 'output', 'reasoning', 'output_audio')
        ORDER BY received_at DESC
        LIMIT 1 BY tenant, trace_id, span_id, meter
    )
    GROUP BY tenant, trace_id
)
GROUP BY tenant, trace_id
