-- purpose: tokens and requests of a window by bucket of time and, separately, by model; usage that an
--          agent repeats from the calls beneath it counts only where its trace has no other
-- params: tenants Array(String) (empty: all but the service's own); from_ns Int64 (included), to_ns Int64 (excluded);
--         near_from_ns, near_to_ns Int64 bound where the calls beneath are looked for;
--         bucket_ns Int64
-- columns: by_model (1: this row is a model's), bucket (number of the bucket since 1970), provider,
--          model, tokens_input, tokens_output, requests
-- tables: charges
WITH
    repeats AS (
        SELECT tenant, trace_id, unit
        FROM charges
        WHERE entry = '' AND state != 'quarantined'
            AND if(empty({tenants:Array(String)}), tenant != 'answerable', has({tenants:Array(String)}, tenant))
            AND time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
            AND time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
            AND aggregate
    ),
    covered AS (
        SELECT tenant, trace_id, unit
        FROM charges
        WHERE entry = '' AND state != 'quarantined'
            AND if(empty({tenants:Array(String)}), tenant != 'answerable', has({tenants:Array(String)}, tenant))
            AND time >= fromUnixTimestamp64Nano({near_from_ns:Int64}, 'UTC')
            AND time < fromUnixTimestamp64Nano({near_to_ns:Int64}, 'UTC')
            AND NOT aggregate
            AND (tenant, trace_id, unit) GLOBAL IN repeats
    )
SELECT
    grouping(bucket) AS by_model,
    intDiv(toUnixTimestamp64Nano(time), {bucket_ns:Int64}) AS bucket,
    provider,
    model,
    sumIf(quantity, meter IN ('input', 'cache_read', 'cache_write', 'cache_write_1h', 'input_audio')) AS tokens_input,
    sumIf(quantity, meter IN ('output', 'reasoning', 'output_audio')) AS tokens_output,
    sumIf(quantity, meter = 'requests') AS requests
FROM charges FINAL
WHERE entry = '' AND state != 'quarantined'
    AND if(empty({tenants:Array(String)}), tenant != 'answerable', has({tenants:Array(String)}, tenant))
    AND time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
    AND time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
    AND meter IN ('input', 'cache_read', 'cache_write', 'cache_write_1h', 'input_audio', 'output', 'reasoning', 'output_audio', 'requests')
    AND (NOT aggregate OR (tenant, trace_id, unit) GLOBAL NOT IN covered)
GROUP BY GROUPING SETS ((bucket), (provider, model))
