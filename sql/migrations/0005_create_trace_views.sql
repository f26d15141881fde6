-- The views that carry one traces insert into every table it feeds.

CREATE MATERIALIZED VIEW IF NOT EXISTS otlp_trace_scopes_view {{on_cluster}} TO otlp_trace_scopes AS
SELECT
    {{scope_columns}},
    spans
FROM (
    SELECT
        {{scope_parts}},
        part.spans AS spans
    FROM (
        SELECT
            {{resource_parts}},
            part.scope_spans AS parts
        FROM otlp_traces_in
        ARRAY JOIN request_resource_spans AS part
    )
    ARRAY JOIN parts AS part
);

CREATE MATERIALIZED VIEW IF NOT EXISTS {{local trace_origins_view}} {{on_cluster}} TO {{local origins}} AS
SELECT
    {{origin_columns}}
FROM otlp_trace_scopes
LIMIT 1 BY tenant, origin_id;

CREATE MATERIALIZED VIEW IF NOT EXISTS otlp_spans_view {{on_cluster}} TO otlp_spans AS
SELECT
    if(tenant_verdict = '', claimed, '') AS tenant,
    multiIf(
        tenant_verdict != '', tenant_verdict,
        length(span.trace_id) != 16 OR span.trace_id = repeat('\0', 16), 'invalid_trace_id',
        length(span.span_id) != 8 OR span.span_id = repeat('\0', 8), 'invalid_span_id',
        length(span.parent_span_id) NOT IN (0, 8), 'invalid_parent_span_id',
        start_ns = 0 OR start_ns > frame_received_at + 86400000000000, 'timestamp_out_of_range',
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
    fromUnixTimestamp64Nano(toInt64(start_ns), 'UTC') AS start_time,
    if(end_ns > start_ns, end_ns - start_ns, 0) AS duration_ns,
    match(keys, '(^| )answerable\\.(decision\\.|confidence|model\\.|feature\\.|prompt\\.|dataset|policy\\.|route|action\\.)') AS is_decision,
    match(keys, '(gen_ai\\.usage\\.|llm\\.token_count\\.|llm\\.usage\\.|ai\\.usage\\.|answerable\\.usage\\.)') AS is_usage,
    span
FROM (
    SELECT
        {{item_columns}},
        span,
        span.start_time_unix_nano AS start_ns,
        -- The API and its hours end with 2100; a later end would overflow the trace's.
        least(span.end_time_unix_nano, 4102444800000000000) AS end_ns,
        arrayStringConcat(mapKeys(span.attributes), ' ') AS keys
    FROM (
        SELECT {{item_names}}, span, span.attributes['tenant.id'].string_value AS item_tenant
        FROM otlp_trace_scopes
        ARRAY JOIN spans AS span
    )
);

CREATE MATERIALIZED VIEW IF NOT EXISTS {{local spans_view}} {{on_cluster}} TO {{local spans}} AS
SELECT
    tenant,
    start_time,
    toFixedString(span.trace_id, 16) AS trace_id,
    toFixedString(span.span_id, 8) AS span_id,
    toFixedString(span.parent_span_id, 8) AS parent_span_id,
    span.name AS name,
    span.kind AS kind,
    duration_ns,
    span.status.code AS status_code,
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
FROM (
    SELECT
        tenant, start_time, duration_ns, service_name, service_version, environment, origin_id, received_at, span,
        mapKeys(span.attributes) AS keys,
        mapValues(span.attributes) AS values,
        values.kind AS kinds
    FROM otlp_spans
    WHERE verdict = ''
);

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
    FROM otlp_spans
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
FROM otlp_spans
WHERE verdict = '' AND is_decision;

CREATE MATERIALIZED VIEW IF NOT EXISTS {{local span_usage_view}} {{on_cluster}} TO {{local usage}} AS
SELECT
    tenant,
    time,
    trace_id,
    span_id,
    entry.1 AS meter,
    entry.2 AS unit,
    entry.3 AS quantity,
    operation IN ('invoke_agent', 'invoke_workflow', 'agent_step', 'agent', 'chain', 'workflow', 'task')
        OR (startsWith(operation, 'ai.') AND position(operation, '.do') = 0) AS aggregate,
    transform(
        provider,
        ['az.ai.openai', 'az.ai.inference', 'vertex_ai', 'gemini', 'xai'],
        ['azure.ai.openai', 'azure.ai.inference', 'gcp.vertex_ai', 'gcp.gemini', 'x_ai'],
        provider) AS provider,
    model,
    operation,
    service_name,
    environment,
    received_at
FROM (
    SELECT
        tenant, time, trace_id, span_id, provider, model, operation, service_name, environment, received_at,
        arrayConcat(
            [
                ('input', 'tokens', if(all_input >= cached, all_input - cached, all_input)),
                ('cache_read', 'tokens', cache_read),
                ('cache_write', 'tokens', cache_write),
                ('output', 'tokens', if(all_output >= reasoning, all_output - reasoning, all_output)),
                ('reasoning', 'tokens', reasoning),
                ('requests', 'requests', toDecimal128(all_input > 0 OR all_output > 0, 9))
            ],
            arrayMap(
                (k, v) -> (substring(k, 18), multiIf(endsWith(k, '_seconds'), 'seconds', endsWith(k, '_bytes'), 'bytes', endsWith(k, '_tokens'), 'tokens', 'count'), v),
                other_keys, other_values)) AS entries
    FROM (
        SELECT
            tenant, time, trace_id, span_id, service_name, environment, received_at,
            {{usage_columns}}
        FROM (
            SELECT
                tenant,
                start_time AS time,
                toFixedString(span.trace_id, 16) AS trace_id,
                toFixedString(span.span_id, 8) AS span_id,
                service_name, environment, received_at,
                mapApply((k, v) -> (k, v.string_value), mapFilter((k, v) -> v.kind = 'string', span.attributes)) AS names,
                {{usage_counts}} AS counts
            FROM otlp_spans
            WHERE verdict = '' AND is_usage
        )
    )
)
ARRAY JOIN entries AS entry
WHERE entry.3 > 0;

CREATE MATERIALIZED VIEW IF NOT EXISTS {{local trace_ledger_view}} {{on_cluster}} TO {{local ingest_ledger}} AS
SELECT
    'traces' AS signal,
    {{ledger_states}}
    FROM (
        SELECT tenant, verdict, request_id, received_at AS item_received_at, body_hash AS item_body_hash, key_id AS item_key_id, wire_bytes AS item_wire_bytes
        FROM otlp_spans
    )
    {{ledger_entries}};
