-- purpose: signals of a window of time, newest first
-- params: tenants, kinds, severities, subjects Array(String) (empty: all); start_ns Int64 (included),
--         end_ns Int64 (excluded); the last row seen: before_ns Int64, before_tenant, before_kind,
--         before_subject String, before_recorded_ns Int64; limit UInt32
-- result: tenant, time_ns, kind, subject, value, threshold, link, severity, body, recorded_at_ns
-- tables: signals
SELECT
    tenant,
    toUnixTimestamp64Nano(time) AS time_ns,
    kind,
    subject,
    value,
    threshold,
    link,
    severity,
    body,
    toUnixTimestamp64Nano(recorded_at) AS recorded_at_ns
FROM signals
WHERE (empty({tenants:Array(String)}) OR has({tenants:Array(String)}, tenant))
    AND time >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC')
    AND time < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC')
    AND (empty({kinds:Array(String)}) OR has({kinds:Array(String)}, kind))
    AND (empty({severities:Array(String)}) OR has({severities:Array(String)}, toString(severity)))
    AND (empty({subjects:Array(String)}) OR has({subjects:Array(String)}, subject))
    AND (time, tenant, kind, subject, recorded_at) < (
        fromUnixTimestamp64Nano({before_ns:Int64}, 'UTC'),
        {before_tenant:String}, {before_kind:String}, {before_subject:String},
        fromUnixTimestamp64Nano({before_recorded_ns:Int64}, 'UTC'))
ORDER BY signals.time DESC, tenant DESC, kind DESC, subject DESC, recorded_at DESC
LIMIT {limit:UInt32}
