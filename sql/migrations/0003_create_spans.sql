-- Traces. otlp_traces_in holds frames as sql/proto/otlp_traces.proto declares them,
-- otlp_trace_scopes the same data a row a scope, otlp_spans a row a span with its tenant and
-- verdict decided. They are Null tables: what flows through them lands in the tables below, all
-- from one insert.
--
-- Rows are partitioned by arrival: event times are the sender's to choose, and a body spread
-- over a hundred days must not split its neighbours' insert into a hundred parts.

CREATE TABLE IF NOT EXISTS otlp_traces_in {{on_cluster}} (
    {{frame_header}},
    request_resource_spans Array(Tuple(
        {{resource}},
        scope_spans Array(Tuple({{scope}}, spans Array({{span}}), schema_url String)),
        schema_url String))
) ENGINE = {{engine Null}};

CREATE TABLE IF NOT EXISTS otlp_trace_scopes {{on_cluster}} (
    {{scope_row}},
    spans Array({{span}})
) ENGINE = {{engine Null}};

CREATE TABLE IF NOT EXISTS otlp_spans {{on_cluster}} (
    tenant String,
    verdict String,
    request_id String,
    body_hash String,
    received_at DateTime64(9, 'UTC'),
    key_id String,
    wire_bytes UInt32,
    origin_id UInt64,
    service_name String,
    service_version String,
    environment String,
    start_time DateTime64(9, 'UTC'),
    duration_ns UInt64,
    is_decision UInt8,
    is_usage UInt8,
    span {{span}}
) ENGINE = {{engine Null}};

CREATE TABLE IF NOT EXISTS {{local spans}} {{on_cluster}} (
    tenant LowCardinality(String),
    start_time DateTime64(9, 'UTC') CODEC(Delta, LZ4),
    trace_id FixedString(16),
    span_id FixedString(8),
    parent_span_id FixedString(8),
    name LowCardinality(String),
    kind Int32,
    duration_ns UInt64,
    status_code Int32,
    status_message String,
    trace_state String,
    flags UInt32,
    service_name LowCardinality(String),
    service_version LowCardinality(String),
    environment LowCardinality(String),
    origin_id UInt64,
    {{typed_maps}},
    events Array(Tuple(time_unix_nano UInt64, name String, attributes {{any_map}}, dropped_attributes_count UInt32)),
    links Array(Tuple(trace_id String, span_id String, trace_state String, attributes {{any_map}}, dropped_attributes_count UInt32, flags UInt32)),
    dropped_attributes_count UInt32,
    dropped_events_count UInt32,
    dropped_links_count UInt32,
    received_at DateTime64(9, 'UTC') CODEC(Delta, LZ4)
) ENGINE = {{engine ReplacingMergeTree(received_at)}}
PARTITION BY toDate(received_at)
ORDER BY (tenant, start_time, trace_id, span_id)
{{ttl spans toDateTime(received_at)}}
SETTINGS {{part_settings}};

{{distributed spans cityHash64(tenant, trace_id)}}

-- Where in time a trace lies and what it is called. Every aggregate is idempotent, so spans
-- sent twice change nothing.
CREATE TABLE IF NOT EXISTS {{local trace_summary}} {{on_cluster}} (
    tenant LowCardinality(String),
    hour DateTime('UTC'),
    trace_id FixedString(16),
    received_on Date,
    start_time SimpleAggregateFunction(min, DateTime64(9, 'UTC')),
    end_time SimpleAggregateFunction(max, DateTime64(9, 'UTC')),
    root_name SimpleAggregateFunction(max, String),
    root_service SimpleAggregateFunction(max, String),
    has_error SimpleAggregateFunction(max, UInt8),
    services SimpleAggregateFunction(groupUniqArrayArray, Array(String)),
    INDEX trace_id_bloom trace_id TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = {{engine AggregatingMergeTree}}
PARTITION BY received_on
ORDER BY (tenant, hour, trace_id)
{{ttl spans received_on}}
SETTINGS {{part_settings}};

{{distributed trace_summary cityHash64(tenant, trace_id)}}
