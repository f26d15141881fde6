-- purpose: one page of the traces that start in a slice of time, newest first
-- params: tenants Array(String) (empty: all but the service's own); from_ns Int64 (included), to_ns Int64 (excluded) bound
--         the start; first_hour_s, last_hour_s UInt32, seconds, bound the summary rows read;
--         service, name, model String (empty: any; name is part of the root's name);
--         errors UInt8 (1: only failed); min_duration_ns Int64; usage_from_ns, usage_to_ns Int64
--         bound where the model is looked for; the last row seen: before_ns Int64,
--         before_tenant String, before_trace String (hex); limit UInt32
-- columns: tenant, trace_id (hex), start_ns
-- tables: trace_summary, charges, decisions
SELECT
    tenant,
    lower(hex(trace_id)) AS trace_id_hex,
    toUnixTimestamp64Nano(begin) AS start_ns
FROM (
    SELECT tenant, trace_id, min(start_time) AS begin
    FROM trace_summary
    WHERE if(empty({tenants:Array(String)}), tenant != 'answerable', has({tenants:Array(String)}, tenant))
        AND hour >= toDateTime({first_hour_s:UInt32}, 'UTC')
        AND hour <= toDateTime({last_hour_s:UInt32}, 'UTC')
        AND ({model:String} = '' OR (tenant, trace_id) GLOBAL IN (
            SELECT tenant, trace_id
            FROM charges
            WHERE entry = '' AND state != 'quarantined'
                AND if(empty({tenants:Array(String)}), tenant != 'answerable', has({tenants:Array(String)}, tenant))
                AND time >= fromUnixTimestamp64Nano({usage_from_ns:Int64}, 'UTC')
                AND time < fromUnixTimestamp64Nano({usage_to_ns:Int64}, 'UTC')
                AND model = {model:String}
            UNION ALL
            SELECT tenant, trace_id
            FROM decisions
            WHERE if(empty({tenants:Array(String)}), tenant != 'answerable', has({tenants:Array(String)}, tenant))
                AND time >= fromUnixTimestamp64Nano({usage_from_ns:Int64}, 'UTC')
                AND time < fromUnixTimestamp64Nano({usage_to_ns:Int64}, 'UTC')
                AND model_name = {model:String}))
    GROUP BY tenant, trace_id
    HAVING begin >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
        AND begin < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
        AND (begin, tenant, trace_id) < (
            fromUnixTimestamp64Nano({before_ns:Int64}, 'UTC'),
            {before_tenant:String},
            toFixedString(unhex({before_trace:String}), 16))
        AND ({service:String} = '' OR max(has(services, {service:String})) = 1)
        AND ({name:String} = '' OR max(positionCaseInsensitiveUTF8(root_name, {name:String}) > 0) = 1)
        AND ({errors:UInt8} = 0 OR max(has_error) = 1)
        AND ({min_duration_ns:Int64} = 0
             OR dateDiff('nanosecond', min(start_time), max(end_time)) >= {min_duration_ns:Int64})
)
ORDER BY begin DESC, tenant DESC, trace_id DESC
LIMIT {limit:UInt32}
