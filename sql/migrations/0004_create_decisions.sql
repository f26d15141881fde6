-- Decisions and usage: what spans and log records mean, a narrow row each.

CREATE TABLE IF NOT EXISTS {{local decisions}} {{on_cluster}} (
    tenant LowCardinality(String),
    time DateTime64(9, 'UTC') CODEC(Delta, LZ4),
    decision_id String,
    source Enum8('span' = 1, 'log' = 2),
    name LowCardinality(String),
    outcome String,
    subject String,
    confidence Nullable(Float64),
    model_name LowCardinality(String),
    model_version LowCardinality(String),
    prompt_name LowCardinality(String),
    prompt_version LowCardinality(String),
    policy_name LowCardinality(String),
    policy_version LowCardinality(String),
    route LowCardinality(String),
    action_name LowCardinality(String),
    action_target String,
    datasets Array(LowCardinality(String)),
    feature_number Map(LowCardinality(String), Float64),
    feature_string Map(LowCardinality(String), String),
    tokens_input Nullable(UInt64),
    tokens_output Nullable(UInt64),
    duration_ns UInt64,
    is_error Bool,
    service_name LowCardinality(String),
    service_version LowCardinality(String),
    environment LowCardinality(String),
    trace_id FixedString(16),
    span_id FixedString(8),
    origin_id UInt64,
    received_at DateTime64(9, 'UTC') CODEC(Delta, LZ4),
    INDEX decision_id_bloom decision_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX trace_id_bloom trace_id TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = {{engine ReplacingMergeTree(received_at)}}
PARTITION BY toYYYYMM(received_at)
ORDER BY (tenant, time, decision_id)
{{ttl decisions toDateTime(received_at)}}
SETTINGS {{part_settings}};

{{distributed decisions cityHash64(tenant, decision_id)}}

-- Disjoint meters: input is what was neither read from nor written to a cache, output excludes
-- reasoning. A row is replaced when the same span arrives twice, so nothing doubles.
-- `aggregate` marks usage an agent or workflow span repeats from the calls beneath it.
CREATE TABLE IF NOT EXISTS {{local usage}} {{on_cluster}} (
    tenant LowCardinality(String),
    time DateTime64(9, 'UTC') CODEC(Delta, LZ4),
    trace_id FixedString(16),
    span_id FixedString(8),
    meter LowCardinality(String),
    unit LowCardinality(String),
    quantity Decimal(38, 9),
    aggregate Bool,
    provider LowCardinality(String),
    model LowCardinality(String),
    operation LowCardinality(String),
    service_name LowCardinality(String),
    environment LowCardinality(String),
    received_at DateTime64(9, 'UTC') CODEC(Delta, LZ4),
    INDEX trace_id_bloom trace_id TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = {{engine ReplacingMergeTree(received_at)}}
PARTITION BY toYYYYMM(received_at)
ORDER BY (tenant, time, trace_id, span_id, meter)
{{ttl usage toDateTime(received_at)}}
SETTINGS {{part_settings}};

{{distributed usage cityHash64(tenant, trace_id)}}
