-- purpose: the log records of one trace, or of one span of it, oldest first
-- params: tenant String; trace_id String (hex); from_ns Int64 (included), to_ns Int64 (excluded);
--         event_name String (empty: any); span_id String (hex; empty: any); limit UInt32
-- columns: time_ns, observed_ns, severity_number, severity_text, event_name, body (packed: a letter
--          for the type, then the value as text, or hex), span_id (hex), service_name, the six
--          typed maps of attributes (array items and others in hex), dropped_attributes_count
-- tables: logs
SELECT
    toUnixTimestamp64Nano(time) AS time_ns,
    observed_time_unix_nano AS observed_ns,
    severity_number,
    severity_text,
    event_name,
    multiIf(
        body.kind = 'string', concat('s', body.string_value),
        body.kind = 'int', concat('i', toString(body.int_value)),
        body.kind = 'double', concat('d', toString(body.double_value)),
        body.kind = 'bool', if(body.bool_value != 0, 't', 'f'),
        body.kind = 'array', concat('a', arrayStringConcat(arrayMap(x -> concat(hex(x), ','), body.array_value_values))),
        body.kind = 'kvlist', concat('k', hex(body.kvlist_value)),
        body.kind = 'bytes', concat('b', hex(body.bytes_value)),
        'n') AS packed_body,
    lower(hex(span_id)) AS span,
    service_name,
    attr_string,
    attr_int,
    attr_double,
    attr_bool,
    mapApply((k, v) -> (k, arrayMap(x -> hex(x), v)), attr_array) AS attr_array_hex,
    mapApply((k, v) -> (k, hex(v)), attr_other) AS attr_other_hex,
    dropped_attributes_count
FROM logs
WHERE tenant = {tenant:String}
    AND time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
    AND time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
    AND trace_id = toFixedString(unhex({trace_id:String}), 16)
    AND ({event_name:String} = '' OR event_name = {event_name:String})
    AND ({span_id:String} = '' OR span_id = toFixedString(unhex({span_id:String}), 8))
ORDER BY logs.time, span_id
LIMIT {limit:UInt32}
