-- purpose: the spans of one trace with everything they carry, oldest first; a span sent twice
--          shows once, as it was sent last
-- params: tenant String; trace_id String (hex); from_ns Int64 (included), to_ns Int64 (excluded);
--         span_id String (hex; empty: all); limit UInt32
-- columns: span_id, parent_span_id (hex), name, kind, start_ns, duration_ns, status_code,
--          status_message, trace_state, flags, service_name, origin_id, the six typed maps of
--          attributes (array items and others in hex), events, links (attributes packed: a letter
--          for the type, then the value as text, or hex), the three dropped counts
-- tables: spans
WITH
    v -> multiIf(
        v.kind = 'string', concat('s', v.string_value),
        v.kind = 'int', concat('i', toString(v.int_value)),
        v.kind = 'double', concat('d', toString(v.double_value)),
        v.kind = 'bool', if(v.bool_value != 0, 't', 'f'),
        v.kind = 'array', concat('a', arrayStringConcat(arrayMap(x -> concat(hex(x), ','), v.array_value_values))),
        v.kind = 'kvlist', concat('k', hex(v.kvlist_value)),
        v.kind = 'bytes', concat('b', hex(v.bytes_value)),
        'n') AS packed
SELECT
    lower(hex(span_id)) AS id,
    lower(hex(parent_span_id)) AS parent_id,
    name,
    kind,
    toUnixTimestamp64Nano(start_time) AS start_ns,
    duration_ns,
    status_code,
    status_message,
    trace_state,
    flags,
    service_name,
    origin_id,
    attr_string,
    attr_int,
    attr_double,
    attr_bool,
    mapApply((k, v) -> (k, arrayMap(x -> hex(x), v)), attr_array) AS attr_array_hex,
    mapApply((k, v) -> (k, hex(v)), attr_other) AS attr_other_hex,
    arrayMap(e -> (e.time_unix_nano, e.name,
                   mapApply((k, v) -> (k, packed(v)), e.attributes), e.dropped_attributes_count),
             events) AS packed_events,
    arrayMap(l -> (lower(hex(l.trace_id)), lower(hex(l.span_id)), l.trace_state,
                   mapApply((k, v) -> (k, packed(v)), l.attributes), l.dropped_attributes_count, l.flags),
             links) AS packed_links,
    dropped_attributes_count,
    dropped_events_count,
    dropped_links_count
FROM (
    SELECT
        span_id, parent_span_id, name, kind, start_time, duration_ns, status_code, status_message,
        trace_state, flags, service_name, origin_id, attr_string, attr_int, attr_double, attr_bool,
        attr_array, attr_other, events, links, dropped_attributes_count, dropped_events_count,
        dropped_links_count
    FROM spans
    WHERE tenant = {tenant:String}
        AND start_time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
        AND start_time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
        AND trace_id = toFixedString(unhex({trace_id:String}), 16)
        AND ({span_id:String} = '' OR span_id = toFixedString(unhex({span_id:String}), 8))
    ORDER BY received_at DESC
    LIMIT 1 BY span_id
)
ORDER BY start_time, span_id
LIMIT {limit:UInt32}
