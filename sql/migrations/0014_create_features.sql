-- What models saw, a narrow row a value, for statistics. Names that begin with @ are not features
-- but what a decision has besides: @confidence, @outcome, @input_tokens, @output_tokens, @duration_s.

ALTER TABLE {{local decisions}} {{on_cluster}}
    ADD COLUMN IF NOT EXISTS embeddings Map(LowCardinality(String), Array(Float32)) AFTER feature_string,
    ADD INDEX IF NOT EXISTS received_at_range received_at TYPE minmax GRANULARITY 1;

{{alter_distributed decisions ADD COLUMN IF NOT EXISTS embeddings Map(LowCardinality(String), Array(Float32)) AFTER feature_string}}

DROP VIEW IF EXISTS {{local span_decisions_view}} {{on_cluster}};

CREATE MATERIALIZED VIEW IF NOT EXISTS {{local span_decisions_view}} {{on_cluster}} TO {{local decisions}} AS
WITH span.attributes AS a
SELECT
    tenant,
    start_time AS time,
    if(a['answerable.decision.id'].string_value != '', a['answerable.decision.id'].string_value, lower(hex(span.span_id))) AS decision_id,
    'span' AS source,
    if(a['answerable.decision.name'].string_value != '', a['answerable.decision.name'].string_value, span.name) AS name,
    {{decision_names}},
    {{decision_embeddings}},
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

DROP VIEW IF EXISTS {{local log_decisions_view}} {{on_cluster}};

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
    {{decision_embeddings}},
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

CREATE TABLE IF NOT EXISTS {{local feature_values}} {{on_cluster}} (
    tenant LowCardinality(String),
    model LowCardinality(String),
    feature LowCardinality(String),
    time DateTime64(9, 'UTC') CODEC(Delta, LZ4),
    -- sipHash64 of the decision's id.
    decision_hash UInt64,
    kind Enum8('number' = 1, 'text' = 2),
    number Float64,
    text String,
    model_version LowCardinality(String),
    prompt_version LowCardinality(String),
    service_name LowCardinality(String),
    environment LowCardinality(String),
    route LowCardinality(String),
    received_at DateTime64(9, 'UTC') CODEC(Delta, LZ4)
) ENGINE = {{engine ReplacingMergeTree(received_at)}}
PARTITION BY toYYYYMM(received_at)
ORDER BY (tenant, model, feature, time, decision_hash)
{{ttl decisions toDateTime(received_at)}}
SETTINGS {{part_settings}};

{{distributed feature_values cityHash64(tenant, model)}}

CREATE MATERIALIZED VIEW IF NOT EXISTS {{local feature_values_view}} {{on_cluster}} TO {{local feature_values}} AS
SELECT
    tenant,
    model_name AS model,
    value.1 AS feature,
    time,
    sipHash64(decision_id) AS decision_hash,
    value.2 AS kind,
    value.3 AS number,
    value.4 AS text,
    model_version,
    prompt_version,
    service_name,
    environment,
    route,
    received_at
FROM {{local decisions}}
ARRAY JOIN arrayConcat(
    arrayMap((name, number) -> (toString(name), 'number', number, '', true), mapKeys(feature_number), mapValues(feature_number)),
    arrayMap((name, text) -> (toString(name), 'text', 0., text, true), mapKeys(feature_string), mapValues(feature_string)),
    [
        ('@confidence', 'number', ifNull(confidence, 0.), '', isNotNull(confidence)),
        ('@input_tokens', 'number', toFloat64(ifNull(tokens_input, 0)), '', isNotNull(tokens_input)),
        ('@output_tokens', 'number', toFloat64(ifNull(tokens_output, 0)), '', isNotNull(tokens_output)),
        ('@duration_s', 'number', duration_ns / 1e9, '', duration_ns > 0),
        ('@outcome', 'text', 0., outcome, outcome != '')]) AS value
WHERE value.5;
