-- Logs: the Null tables, the stored records, and the views between them.

CREATE TABLE IF NOT EXISTS otlp_logs_in {{on_cluster}} (
    {{frame_header}},
    request_resource_logs Array(Tuple(
        {{resource}},
        scope_logs Array(Tuple({{scope}}, log_records Array({{log_record}}), schema_url String)),
        schema_url String))
) ENGINE = {{engine Null}};

CREATE TABLE IF NOT EXISTS otlp_log_scopes {{on_cluster}} (
    {{scope_row}},
    records Array({{log_record}})
) ENGINE = {{engine Null}};

CREATE TABLE IF NOT EXISTS otlp_logs {{on_cluster}} (
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
    time DateTime64(9, 'UTC'),
    record {{log_record}}
) ENGINE = {{engine Null}};

CREATE TABLE IF NOT EXISTS {{local logs}} {{on_cluster}} (
    tenant LowCardinality(String),
    time DateTime64(9, 'UTC') CODEC(Delta, LZ4),
    observed_time_unix_nano UInt64,
    severity_number Int32,
    severity_text LowCardinality(String),
    event_name LowCardinality(String),
    body {{any_value}},
    trace_id FixedString(16),
    span_id FixedString(8),
    flags UInt32,
    service_name LowCardinality(String),
    service_version LowCardinality(String),
    environment LowCardinality(String),
    origin_id UInt64,
    {{typed_maps}},
    dropped_attributes_count UInt32,
    received_at DateTime64(9, 'UTC') CODEC(Delta, LZ4),
    INDEX trace_id_bloom trace_id TYPE bloom_filter(0.01) GRANULARITY 4
) ENGINE = {{engine MergeTree}}
PARTITION BY toDate(received_at)
ORDER BY (tenant, time)
{{ttl logs toDateTime(received_at)}}
SETTINGS {{part_settings}};

{{distributed logs cityHash64(tenant, time)}}

-- An id of the wrong length leaves a record without a trace, as the protocol asks of receivers.
CREATE MATERIALIZED VIEW IF NOT EXISTS otlp_log_scopes_view {{on_cluster}} TO otlp_log_scopes AS
SELECT
    {{scope_columns}},
    records
FROM (
    SELECT
        {{scope_parts}},
        part.log_records AS records
    FROM (
        SELECT
            {{resource_parts}},
            part.scope_logs AS parts
        FROM otlp_logs_in
        ARRAY JOIN request_resource_logs AS part
    )
    ARRAY JOIN parts AS part
);

CREATE MATERIALIZED VIEW IF NOT EXISTS {{local log_origins_view}} {{on_cluster}} TO {{local origins}} AS
SELECT
    {{origin_columns}}
FROM otlp_log_scopes
LIMIT 1 BY tenant, origin_id;

CREATE MATERIALIZED VIEW IF NOT EXISTS otlp_logs_view {{on_cluster}} TO otlp_logs AS
SELECT
    if(tenant_verdict = '', claimed, '') AS tenant,
    multiIf(
        tenant_verdict != '', tenant_verdict,
        time_ns > frame_received_at + 86400000000000, 'timestamp_out_of_range',
        '') AS verdict,
    request_id,
    body_hash,
    fromUnixTimestamp64Nano(toInt64(frame_received_at), 'UTC') AS received_at,
    key_id,
    wire_bytes,
    origin_id,
    service_name,
    service_version,
    environment,
    fromUnixTimestamp64Nano(toInt64(time_ns), 'UTC') AS time,
    record
FROM (
    SELECT
        {{item_columns}},
        record,
        multiIf(record.time_unix_nano != 0, record.time_unix_nano, record.observed_time_unix_nano != 0, record.observed_time_unix_nano, frame_received_at) AS time_ns
    FROM (
        SELECT {{item_names}}, record, record.attributes['tenant.id'].string_value AS item_tenant
        FROM otlp_log_scopes
        ARRAY JOIN records AS record
    )
);

CREATE MATERIALIZED VIEW IF NOT EXISTS {{local logs_view}} {{on_cluster}} TO {{local logs}} AS
SELECT
    tenant,
    time,
    record.observed_time_unix_nano AS observed_time_unix_nano,
    record.severity_number AS severity_number,
    record.severity_text AS severity_text,
    record.event_name AS event_name,
    record.body AS body,
    toFixedString(if(length(record.trace_id) = 16, record.trace_id, ''), 16) AS trace_id,
    toFixedString(if(length(record.span_id) = 8, record.span_id, ''), 8) AS span_id,
    record.flags AS flags,
    service_name,
    service_version,
    environment,
    origin_id,
    {{split_attributes}},
    record.dropped_attributes_count AS dropped_attributes_count,
    received_at
FROM (
    SELECT
        tenant, time, service_name, service_version, environment, origin_id, received_at, record,
        mapKeys(record.attributes) AS keys,
        mapValues(record.attributes) AS values,
        values.kind AS kinds
    FROM otlp_logs
    WHERE verdict = ''
);

CREATE MATERIALIZED VIEW IF NOT EXISTS {{local log_decisions_view}} {{on_cluster}} TO {{local decisions}} AS
WITH record.attributes AS a
SELECT
    tenant,
    time,
    multiIf(
        a['answerable.decision.id'].string_value != '', a['answerable.decision.id'].string_value,
        length(record.span_id) = 8, lower(hex(record.span_id)),
        lower(hex(sipHash64(toString(time), record.body.string_value, mapKeys(a), origin_id)))) AS decision_id,
    'log' AS source,
    if(a['answerable.decision.name'].string_value != '', a['answerable.decision.name'].string_value, record.event_name) AS name,
    {{decision_names}},
    0 AS duration_ns,
    record.severity_number >= 17 AS is_error,
    service_name,
    service_version,
    environment,
    toFixedString(if(length(record.trace_id) = 16, record.trace_id, ''), 16) AS trace_id,
    toFixedString(if(length(record.span_id) = 8, record.span_id, ''), 8) AS span_id,
    origin_id,
    received_at
FROM otlp_logs
WHERE verdict = '' AND record.event_name = 'answerable.decision';

CREATE MATERIALIZED VIEW IF NOT EXISTS {{local log_ledger_view}} {{on_cluster}} TO {{local ingest_ledger}} AS
SELECT
    'logs' AS signal,
    {{ledger_states}}
    FROM (
        SELECT tenant, verdict, request_id, received_at AS item_received_at, body_hash AS item_body_hash, key_id AS item_key_id, wire_bytes AS item_wire_bytes
        FROM otlp_logs
    )
    {{ledger_entries}};
