-- purpose: who called whom in some traces
-- params: tenants Array(String), trace_ids Array(String) (hex); from_ns Int64 (included), to_ns Int64 (excluded)
-- columns: tenant, trace_hex, span_hex, parent_hex
-- tables: spans
SELECT DISTINCT
    tenant,
    lower(hex(trace_id)) AS trace_hex,
    lower(hex(span_id)) AS span_hex,
    lower(hex(parent_span_id)) AS parent_hex
FROM spans
WHERE has({tenants:Array(String)}, tenant)
    AND start_time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
    AND start_time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
    AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({trace_ids:Array(String)})), 16))
