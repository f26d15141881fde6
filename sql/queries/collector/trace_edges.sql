-- purpose: who called whom in a stretch of one trace
-- params: tenant String; trace_id String (hex); from_ns Int64 (included), to_ns Int64 (excluded);
--         limit UInt64
-- columns: span_id, parent_span_id (hex)
-- tables: spans
SELECT
    lower(hex(spans.span_id)) AS span_id,
    lower(hex(spans.parent_span_id)) AS parent_span_id
FROM spans
WHERE tenant = {tenant:String}
    AND start_time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
    AND start_time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
    AND trace_id = toFixedString(unhex({trace_id:String}), 16)
ORDER BY start_time, spans.span_id
LIMIT {limit:UInt64}
