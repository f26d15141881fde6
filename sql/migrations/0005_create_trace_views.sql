-- The views that carry one traces insert into every table it feeds.

CREATE MATERIALIZED VIEW IF NOT EXISTS {{local otlp_spans_view}} {{on_cluster}} TO {{local otlp_spans}} AS
WITH
    mapKeys(s.attributes) AS keys,
    arrayStringConcat(keys, ' ') AS joined_keys,
    s.attributes['tenant.id'].string_value AS item_tenant,
    {{tenant_verdict}}
SELECT
    if(tenant_verdict = '', claimed, '') AS tenant,
    multiIf(
        tenant_verdict != '', tenant_verdict,
        length(s.trace_id) != 16 OR s.trace_id = repeat('\0', 16), 'invalid_trace_id',
        length(s.span_id) != 8 OR s.span_id = repeat('\0', 8), 'invalid_span_id',
        length(s.parent_span_id) NOT IN (0, 8), 'invalid_parent_span_id',
        s.start_time_unix_nano = 0 OR s.start_time_unix_nano > frame_received_at + 86400000000000, 'timestamp_out_of_range',
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
    scope_name,
    fromUnixTimestamp64Nano(toInt64(s.start_time_unix_nano), 'UTC') AS start_time,
    if(s.end_time_unix_nano > s.start_time_unix_nano, s.end_time_unix_nano - s.start_time_unix_nano, 0) AS duration_ns,
    keys,
    match(joined_keys, '(^| )answerable\\.(decision\\.|confidence|model\\.|feature\\.|prompt\\.|dataset|policy\\.|route|action\\.)') AS is_decision,
    match(joined_keys, '(gen_ai\\.usage\\.|llm\\.token_count\\.|llm\\.usage\\.|ai\\.usage\\.|answerable\\.usage\\.)') AS is_usage,
    s AS span
FROM (
    SELECT
        {{frame_names}},
        {{resource_columns}},
        ss.scope.name AS scope_name,
        sipHash64(resource_attributes, resource_dropped, resource_schema_url, ss.scope, ss.schema_url) AS origin_id,
        ss.spans AS spans
    FROM (
        SELECT
            {{frame_columns}},
            rs.resource.attributes AS resource_attributes,
            rs.resource.dropped_attributes_count AS resource_dropped,
            rs.schema_url AS resource_schema_url,
            rs.scope_spans AS scope_spans
        FROM {{local otlp_traces_in}}
        ARRAY JOIN request_resource_spans AS rs
    )
    ARRAY JOIN scope_spans AS ss
)
ARRAY JOIN spans AS s;

CREATE MATERIALIZED VIEW IF NOT EXISTS {{local trace_origins_view}} {{on_cluster}} TO {{local origins}} AS
SELECT
    {{origin_columns}}
FROM (
    SELECT
        {{frame_names}}, resource_attributes, resource_dropped, resource_schema_url,
        ss.scope AS scope,
        ss.schema_url AS scope_schema_url,
        sipHash64(resource_attributes, resource_dropped, resource_schema_url, ss.scope, ss.schema_url) AS origin_id
    FROM (
        SELECT
            {{frame_columns}},
            rs.resource.attributes AS resource_attributes,
            rs.resource.dropped_attributes_count AS resource_dropped,
            rs.schema_url AS resource_schema_url,
            rs.scope_spans AS scope_spans
        FROM {{local otlp_traces_in}}
        ARRAY JOIN request_resource_spans AS rs
    )
    ARRAY JOIN scope_spans AS ss
)
LIMIT 1 BY tenant, origin_id;

CREATE MATERIALIZED VIEW IF NOT EXISTS {{local spans_view}} {{on_cluster}} TO {{local spans}} AS
WITH
    mapValues(span.attributes) AS values,
    values.kind AS kinds
SELECT
    tenant,
    start_time,
    toFixedString(span.trace_id, 16) AS trace_id,
    toFixedString(span.span_id, 8) AS span_id,
    toFixedString(span.parent_span_id, 8) AS parent_span_id,
    span.name AS name,
    toInt8(span.kind) AS kind,
    duration_ns,
    toInt8(span.status.code) AS status_code,
    span.status.message AS status_message,
    span.trace_state AS trace_state,
    span.flags AS flags,
    service_name,
    service_version,
    environment,
    origin_id,
    {{split_attributes}},
    span.events AS events,
    span.links AS links,
    span.dropped_attributes_count AS dropped_attributes_count,
    span.dropped_events_count AS dropped_events_count,
    span.dropped_links_count AS dropped_links_count,
    received_at
FROM {{local otlp_spans}}
WHERE verdict = '';

CREATE MATERIALIZED VIEW IF NOT EXISTS {{local trace_summary_view}} {{on_cluster}} TO {{local trace_summary}} AS
SELECT
    tenant,
    toStartOfHour(toDateTime(span_start, 'UTC')) AS hour,
    toFixedString(span.trace_id, 16) AS trace_id,
    toDate(received_at) AS received_on,
    min(span_start) AS start_time,
    max(addNanoseconds(span_start, span_duration_ns)) AS end_time,
    maxIf(span.name, span.parent_span_id = '') AS root_name,
    maxIf(service_name, span.parent_span_id = '') AS root_service,
    max(span.status.code = 2) AS has_error,
    groupUniqArray(service_name) AS services
FROM (
    SELECT tenant, verdict, received_at, service_name, span, start_time AS span_start, duration_ns AS span_duration_ns
    FROM {{local otlp_spans}}
)
WHERE verdict = ''
GROUP BY tenant, hour, trace_id, received_on;

CREATE MATERIALIZED VIEW IF NOT EXISTS {{local span_decisions_view}} {{on_cluster}} TO {{local decisions}} AS
WITH span.attributes AS a
SELECT
    tenant,
    start_time AS time,
    if(a['answerable.decision.id'].string_value != '', a['answerable.decision.id'].string_value, lower(hex(span.span_id))) AS decision_id,
    'span' AS source,
    if(a['answerable.decision.name'].string_value != '', a['answerable.decision.name'].string_value, span.name) AS name,
    {{decision_names}},
    duration_ns,
    span.status.code = 2 AS is_error,
    service_name,
    service_version,
    environment,
    toFixedString(span.trace_id, 16) AS trace_id,
    toFixedString(span.span_id, 8) AS span_id,
    origin_id,
    received_at
FROM {{local otlp_spans}}
WHERE verdict = '' AND is_decision;

CREATE MATERIALIZED VIEW IF NOT EXISTS {{local span_usage_view}} {{on_cluster}} TO {{local usage}} AS
WITH
    {{usage_columns}}
SELECT
    tenant,
    start_time AS time,
    toFixedString(span.trace_id, 16) AS trace_id,
    toFixedString(span.span_id, 8) AS span_id,
    entry.1 AS meter,
    entry.2 AS unit,
    entry.3 AS quantity,
    aggregate,
    provider,
    model,
    operation,
    service_name,
    environment,
    received_at
FROM {{local otlp_spans}}
ARRAY JOIN entries AS entry
WHERE verdict = '' AND is_usage;

CREATE MATERIALIZED VIEW IF NOT EXISTS {{local trace_ledger_view}} {{on_cluster}} TO {{local ingest_ledger}} AS
SELECT
    'traces' AS signal,
    {{ledger_states}}
    FROM (
        SELECT tenant, verdict, request_id, received_at AS item_received_at, body_hash AS item_body_hash, key_id AS item_key_id, wire_bytes AS item_wire_bytes
        FROM {{local otlp_spans}}
    )
    {{ledger_entries}};
