Tuple(
        time_unix_nano UInt64,
        severity_number Int32,
        severity_text String,
        body {{any_value}},
        attributes {{any_map}},
        dropped_attributes_count UInt32,
        flags UInt32,
        trace_id String,
        span_id String,
        observed_time_unix_nano UInt64,
        event_name String)
