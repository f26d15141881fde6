CREATE TABLE budget_entries
(
    `tenant` LowCardinality(String),
    `budget_id` String,
    `time` DateTime64(9, 'UTC') CODEC(Delta(8), LZ4),
    `entry_id` String,
    `op` Enum8('reserve' = 1, 'settle' = 2, 'release' = 3, 'expire' = 4, 'refuse' = 5, 'suspend' = 6, 'lift' = 7),
    `reservation_id` String,
    `amount` Decimal(38, 9),
    `currency` LowCardinality(String),
    `decision` LowCardinality(String),
    `reason` LowCardinality(String),
    `late` Bool,
    `trace_id` String,
    `call_tenant` LowCardinality(String),
    `project` LowCardinality(String),
    `user` String,
    `key` LowCardinality(String),
    `feature` LowCardinality(String),
    `provider` LowCardinality(String),
    `model` LowCardinality(String),
    `service_tier` LowCardinality(String),
    `recorded_at` DateTime64(9, 'UTC') CODEC(Delta(8), LZ4),
    INDEX time_range time TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (tenant, budget_id, time, entry_id)
TTL toDateTime(time) + toIntervalDay(2557)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1, min_bytes_for_wide_part = 134217728, merge_selector_base = 10, index_granularity = 8192;

CREATE TABLE charge_hours
(
    `watermark` DateTime64(9, 'UTC') CODEC(Delta(8), LZ4),
    `tenant` LowCardinality(String),
    `hour` DateTime('UTC') CODEC(Delta(4), LZ4),
    `provider` LowCardinality(String),
    `model` LowCardinality(String),
    `meter` LowCardinality(String),
    `unit` LowCardinality(String),
    `service_tier` LowCardinality(String),
    `kind` LowCardinality(String),
    `currency` LowCardinality(String),
    `operation` LowCardinality(String),
    `service_name` LowCardinality(String),
    `environment` LowCardinality(String),
    `project` LowCardinality(String),
    `product_feature` LowCardinality(String),
    `connector` LowCardinality(String),
    `prompt_name` LowCardinality(String),
    `prompt_version` LowCardinality(String),
    `retry` Bool,
    `quantity` Decimal(38, 9),
    `cost` Decimal(38, 18),
    `list_cost` Decimal(38, 18),
    `events` Int64 CODEC(T64, LZ4),
    `unpriced` Int64 CODEC(T64, LZ4),
    `rows` UInt64 CODEC(T64, LZ4),
    `quarantined` UInt64 CODEC(T64, LZ4)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (tenant, hour, provider, model, meter, watermark)
TTL hour + toIntervalDay(2557)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1, min_bytes_for_wide_part = 134217728, merge_selector_base = 10, index_granularity = 8192;

CREATE VIEW charge_sums
AS SELECT
    tenant,
    hour,
    provider,
    model,
    meter,
    unit,
    service_tier,
    kind,
    currency,
    operation,
    service_name,
    environment,
    project,
    product_feature,
    connector,
    prompt_name,
    prompt_version,
    retry,
    quantity,
    cost,
    list_cost,
    events,
    unpriced,
    rows,
    quarantined
FROM charge_hours
WHERE watermark GLOBAL IN (
    SELECT watermark
    FROM charge_watermarks
    WHERE watermark <= fromUnixTimestamp64Nano({known_ns:Int64}, 'UTC')
)
UNION ALL
SELECT
    tenant,
    toStartOfHour(toDateTime(time, 'UTC')) AS hour,
    provider,
    model,
    meter,
    unit,
    service_tier,
    toString(kind) AS kind,
    currency,
    operation,
    service_name,
    environment,
    project,
    product_feature,
    connector,
    prompt_name,
    prompt_version,
    retry,
    quantity,
    cost,
    list_cost,
    toInt64(events) AS events,
    toInt64(unpriced) AS unpriced,
    toUInt64(1) AS rows,
    toUInt64(state = 'quarantined') AS quarantined
FROM charges
FINAL
WHERE (booked_at > (
    SELECT max(watermark)
    FROM charge_watermarks
    WHERE watermark <= fromUnixTimestamp64Nano({known_ns:Int64}, 'UTC')
)) AND (booked_at <= fromUnixTimestamp64Nano({known_ns:Int64}, 'UTC')) AND (state != 'aggregate');

CREATE TABLE charge_user_days
(
    `watermark` DateTime64(9, 'UTC') CODEC(Delta(8), LZ4),
    `tenant` LowCardinality(String),
    `day` Date CODEC(Delta(2), LZ4),
    `user` String,
    `project` LowCardinality(String),
    `provider` LowCardinality(String),
    `model` LowCardinality(String),
    `meter` LowCardinality(String),
    `unit` LowCardinality(String),
    `kind` LowCardinality(String),
    `currency` LowCardinality(String),
    `quantity` Decimal(38, 9),
    `cost` Decimal(38, 18),
    `list_cost` Decimal(38, 18),
    `events` Int64 CODEC(T64, LZ4),
    `unpriced` Int64 CODEC(T64, LZ4),
    `rows` UInt64 CODEC(T64, LZ4),
    `quarantined` UInt64 CODEC(T64, LZ4)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (tenant, day, user, model, meter, watermark)
TTL toDateTime(day) + toIntervalDay(2557)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1, min_bytes_for_wide_part = 134217728, merge_selector_base = 10, index_granularity = 8192;

CREATE VIEW charge_user_sums
AS SELECT
    tenant,
    day,
    user,
    project,
    provider,
    model,
    meter,
    unit,
    kind,
    currency,
    quantity,
    cost,
    list_cost,
    events,
    unpriced,
    rows,
    quarantined
FROM charge_user_days
WHERE watermark GLOBAL IN (
    SELECT watermark
    FROM charge_watermarks
    WHERE watermark <= fromUnixTimestamp64Nano({known_ns:Int64}, 'UTC')
)
UNION ALL
SELECT
    tenant,
    toDate(time, 'UTC') AS day,
    user,
    project,
    provider,
    model,
    meter,
    unit,
    toString(kind) AS kind,
    currency,
    quantity,
    cost,
    list_cost,
    toInt64(events) AS events,
    toInt64(unpriced) AS unpriced,
    toUInt64(1) AS rows,
    toUInt64(state = 'quarantined') AS quarantined
FROM charges
FINAL
WHERE (booked_at > (
    SELECT max(watermark)
    FROM charge_watermarks
    WHERE watermark <= fromUnixTimestamp64Nano({known_ns:Int64}, 'UTC')
)) AND (booked_at <= fromUnixTimestamp64Nano({known_ns:Int64}, 'UTC')) AND (state != 'aggregate');

CREATE TABLE charge_watermarks
(
    `watermark` DateTime64(9, 'UTC'),
    `follows` DateTime64(9, 'UTC'),
    `published_at` DateTime64(9, 'UTC'),
    `charges` UInt64
)
ENGINE = MergeTree
ORDER BY watermark
SETTINGS index_granularity = 8192;

CREATE TABLE charges
(
    `tenant` LowCardinality(String),
    `time` DateTime64(9, 'UTC') CODEC(Delta(8), LZ4),
    `trace_id` FixedString(16),
    `span_id` FixedString(8),
    `meter` LowCardinality(String),
    `entry` String,
    `kind` Enum8('usage' = 1, 'late_price' = 2, 'correction' = 3, 'adopted' = 4, 'reversed' = 5, 'shortfall' = 6),
    `state` Enum8('priced' = 1, 'unpriced' = 2, 'free' = 3, 'aggregate' = 4, 'quarantined' = 5),
    `state_reason` LowCardinality(String),
    `unit` LowCardinality(String),
    `quantity` Decimal(38, 9),
    `unpriced` Int8,
    `events` Int8,
    `service_tier` LowCardinality(String),
    `context_tokens` UInt64 CODEC(T64, LZ4),
    `price_id` LowCardinality(String),
    `price_rule` LowCardinality(String),
    `amount` Decimal(38, 18),
    `currency` LowCardinality(String),
    `cost` Decimal(38, 18),
    `list_cost` Decimal(38, 18),
    `provider` LowCardinality(String),
    `model` LowCardinality(String),
    `operation` LowCardinality(String),
    `service_name` LowCardinality(String),
    `environment` LowCardinality(String),
    `project` LowCardinality(String),
    `user` String,
    `product_feature` LowCardinality(String),
    `connector` LowCardinality(String),
    `prompt_name` LowCardinality(String),
    `prompt_version` LowCardinality(String),
    `response_hash` UInt64,
    `reported` String,
    `aggregate` Bool,
    `retry` Bool,
    `change_id` LowCardinality(String),
    `reason` LowCardinality(String),
    `approver` LowCardinality(String),
    `origin_id` UInt64,
    `received_at` DateTime64(9, 'UTC') CODEC(Delta(8), LZ4),
    `booked_at` DateTime64(9, 'UTC') CODEC(Delta(8), LZ4),
    `precedence` UInt64 DEFAULT bitNot(toUInt64(toUnixTimestamp64Nano(booked_at))) CODEC(Delta(8), LZ4),
    INDEX trace_id_bloom trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX booked_at_range booked_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(precedence)
PARTITION BY toYYYYMM(received_at)
ORDER BY (tenant, time, trace_id, span_id, meter, entry)
TTL toDateTime(received_at) + toIntervalDay(2557)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1, min_bytes_for_wide_part = 134217728, merge_selector_base = 10, index_granularity = 8192;

CREATE TABLE cube_marks
(
    `tenant` LowCardinality(String),
    `reference_id` String,
    `version` UInt32,
    `received_until` DateTime64(9, 'UTC'),
    `filled_from` DateTime('UTC'),
    `written_at` DateTime64(9, 'UTC')
)
ENGINE = ReplacingMergeTree(written_at)
ORDER BY (tenant, reference_id, version)
SETTINGS index_granularity = 8192;

CREATE TABLE decisions
(
    `tenant` LowCardinality(String),
    `time` DateTime64(9, 'UTC') CODEC(Delta(8), LZ4),
    `decision_id` String,
    `source` Enum8('span' = 1, 'log' = 2),
    `name` LowCardinality(String),
    `outcome` String,
    `subject` String,
    `confidence` Nullable(Float64),
    `model_name` LowCardinality(String),
    `model_version` LowCardinality(String),
    `prompt_name` LowCardinality(String),
    `prompt_version` LowCardinality(String),
    `policy_name` LowCardinality(String),
    `policy_version` LowCardinality(String),
    `route` LowCardinality(String),
    `action_name` LowCardinality(String),
    `action_target` String,
    `datasets` Array(LowCardinality(String)),
    `feature_number` Map(LowCardinality(String), Float64),
    `feature_string` Map(LowCardinality(String), String),
    `embeddings` Map(LowCardinality(String), Array(Float32)),
    `tokens_input` Nullable(UInt64),
    `tokens_output` Nullable(UInt64),
    `duration_ns` UInt64,
    `is_error` Bool,
    `service_name` LowCardinality(String),
    `service_version` LowCardinality(String),
    `environment` LowCardinality(String),
    `trace_id` FixedString(16),
    `span_id` FixedString(8),
    `origin_id` UInt64,
    `received_at` DateTime64(9, 'UTC') CODEC(Delta(8), LZ4),
    INDEX decision_id_bloom decision_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX trace_id_bloom trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX received_at_range received_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(received_at)
PARTITION BY toYYYYMM(received_at)
ORDER BY (tenant, time, decision_id)
TTL toDateTime(received_at) + toIntervalDay(400)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1, min_bytes_for_wide_part = 134217728, merge_selector_base = 10, index_granularity = 8192;

CREATE TABLE drift_results
(
    `tenant` LowCardinality(String),
    `monitor_id` LowCardinality(String),
    `monitor_version` UInt32,
    `window_start` DateTime('UTC') CODEC(Delta(4), LZ4),
    `window_end` DateTime('UTC') CODEC(Delta(4), LZ4),
    `model` LowCardinality(String),
    `feature` LowCardinality(String),
    `dimension` LowCardinality(String),
    `value` String,
    `statistic` LowCardinality(String),
    `reference_id` LowCardinality(String),
    `reference_version` UInt32,
    `n_reference` UInt64,
    `n_current` UInt64,
    `estimate` Nullable(Float64),
    `low` Nullable(Float64),
    `high` Nullable(Float64),
    `p_value` Nullable(Float64),
    `q_value` Nullable(Float64),
    `e_value` Nullable(Float64),
    `tolerance` Nullable(Float64),
    `traffic_share` Float64,
    `state` Enum8('quiet' = 1, 'significant' = 2, 'suspected' = 3, 'confirmed' = 4, 'cooling' = 5, 'unable' = 6),
    `state_reason` LowCardinality(String),
    `incident_id` String,
    `codes` Array(UInt8),
    `counts` Array(UInt64),
    `method` String CODEC(ZSTD(1)),
    `backfilled` Bool,
    `evaluated_at` DateTime64(9, 'UTC') CODEC(Delta(8), LZ4)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(window_start)
ORDER BY (tenant, monitor_id, window_start, feature, dimension, value, statistic, evaluated_at)
TTL window_start + toIntervalDay(400)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1, min_bytes_for_wide_part = 134217728, merge_selector_base = 10, index_granularity = 8192;

CREATE TABLE feature_cube
(
    `tenant` LowCardinality(String),
    `reference_id` LowCardinality(String),
    `version` UInt32,
    `feature` LowCardinality(String),
    `dimension` LowCardinality(String),
    `value` String,
    `hour` DateTime('UTC') CODEC(Delta(4), LZ4),
    `codes` Array(UInt8),
    `counts` Array(UInt64) CODEC(T64, LZ4),
    `numbers` UInt64 CODEC(T64, LZ4),
    `mean` Float64,
    `squares` Float64,
    `least` Float64,
    `greatest` Float64,
    `computed_at` DateTime64(9, 'UTC') CODEC(Delta(8), LZ4)
)
ENGINE = ReplacingMergeTree(computed_at)
PARTITION BY toYYYYMM(hour)
ORDER BY (tenant, reference_id, version, feature, dimension, value, hour)
TTL hour + toIntervalDay(400)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1, min_bytes_for_wide_part = 134217728, merge_selector_base = 10, index_granularity = 8192;

CREATE TABLE feature_values
(
    `tenant` LowCardinality(String),
    `model` LowCardinality(String),
    `feature` LowCardinality(String),
    `time` DateTime64(9, 'UTC') CODEC(Delta(8), LZ4),
    `decision_hash` UInt64,
    `kind` Enum8('number' = 1, 'text' = 2),
    `number` Float64,
    `text` String,
    `model_version` LowCardinality(String),
    `prompt_version` LowCardinality(String),
    `service_name` LowCardinality(String),
    `environment` LowCardinality(String),
    `route` LowCardinality(String),
    `received_at` DateTime64(9, 'UTC') CODEC(Delta(8), LZ4)
)
ENGINE = ReplacingMergeTree(received_at)
PARTITION BY toYYYYMM(received_at)
ORDER BY (tenant, model, feature, time, decision_hash)
TTL toDateTime(received_at) + toIntervalDay(400)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1, min_bytes_for_wide_part = 134217728, merge_selector_base = 10, index_granularity = 8192;

CREATE MATERIALIZED VIEW feature_values_view TO feature_values
(
    `tenant` LowCardinality(String),
    `model` LowCardinality(String),
    `feature` String,
    `time` DateTime64(9, 'UTC'),
    `decision_hash` UInt64,
    `kind` String,
    `number` Float64,
    `text` String,
    `model_version` LowCardinality(String),
    `prompt_version` LowCardinality(String),
    `service_name` LowCardinality(String),
    `environment` LowCardinality(String),
    `route` LowCardinality(String),
    `received_at` DateTime64(9, 'UTC')
)
AS SELECT
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
FROM decisions
ARRAY JOIN arrayConcat(arrayMap((name, number) -> (toString(name), 'number', number, '', true), mapKeys(feature_number), mapValues(feature_number)), arrayMap((name, text) -> (toString(name), 'text', 0., text, true), mapKeys(feature_string), mapValues(feature_string)), [('@confidence', 'number', ifNull(confidence, 0.), '', isNotNull(confidence)), ('@input_tokens', 'number', toFloat64(ifNull(tokens_input, 0)), '', isNotNull(tokens_input)), ('@output_tokens', 'number', toFloat64(ifNull(tokens_output, 0)), '', isNotNull(tokens_output)), ('@duration_s', 'number', duration_ns / 1000000000., '', duration_ns > 0), ('@outcome', 'text', 0., outcome, outcome != '')]) AS value
WHERE value.5;

CREATE TABLE fx_rates
(
    `base` LowCardinality(String),
    `quote` LowCardinality(String),
    `day` Date,
    `rate` Decimal(38, 18),
    `source` String,
    `actor` String,
    `recorded_at` DateTime64(9, 'UTC')
)
ENGINE = MergeTree
ORDER BY (base, quote, day, recorded_at)
SETTINGS index_granularity = 8192;

CREATE TABLE ingest_ledger
(
    `tenant` LowCardinality(String),
    `received_at` DateTime64(9, 'UTC') CODEC(Delta(8), LZ4),
    `signal` Enum8('traces' = 1, 'metrics' = 2, 'logs' = 3),
    `state` Enum8('received' = 1, 'stored' = 2, 'rejected' = 3, 'duplicate' = 4, 'quarantined' = 5),
    `reason` LowCardinality(String),
    `items` UInt64,
    `requests` UInt32,
    `bytes` UInt64,
    `request_id` String,
    `body_hash` String,
    `key_id` LowCardinality(String)
)
ENGINE = MergeTree
PARTITION BY toDate(received_at)
ORDER BY (tenant, received_at)
TTL toDateTime(received_at) + toIntervalDay(400)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1, min_bytes_for_wide_part = 134217728, merge_selector_base = 10, index_granularity = 8192;

CREATE TABLE invoice_lines
(
    `tenant` LowCardinality(String),
    `invoice_id` String,
    `line` UInt32,
    `day` Date,
    `provider` LowCardinality(String),
    `model` LowCardinality(String),
    `meter` LowCardinality(String),
    `unit` LowCardinality(String),
    `service_tier` LowCardinality(String),
    `quantity` Nullable(Decimal(38, 9)),
    `amount` Nullable(Decimal(38, 18)),
    `currency` LowCardinality(String),
    `scope` String,
    `scope_tenant` LowCardinality(String),
    `description` String,
    `raw` String CODEC(ZSTD(3))
)
ENGINE = ReplacingMergeTree
ORDER BY (tenant, invoice_id, line)
SETTINGS index_granularity = 8192;

CREATE TABLE invoices
(
    `tenant` LowCardinality(String),
    `invoice_id` String,
    `name` String,
    `format` LowCardinality(String),
    `content_sha256` FixedString(64),
    `first_day` Date,
    `last_day` Date,
    `providers` Array(String),
    `lines` UInt32,
    `amount_scale` UInt8,
    `amounts` Map(String, Decimal(38, 18)),
    `scopes` Map(String, String),
    `key_id` String,
    `imported_at` DateTime64(9, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (tenant, invoice_id)
SETTINGS index_granularity = 8192;

CREATE TABLE label_versions
(
    `tenant` LowCardinality(String),
    `decision_id` String,
    `label` String,
    `number` Nullable(Float64),
    `source` LowCardinality(String),
    `labelled_at` DateTime64(9, 'UTC') CODEC(Delta(8), LZ4),
    `key_id` LowCardinality(String),
    `received_at` DateTime64(9, 'UTC') CODEC(Delta(8), LZ4)
)
ENGINE = ReplacingMergeTree
ORDER BY (tenant, decision_id, received_at, label, source, labelled_at, key_id)
TTL toDateTime(received_at) + toIntervalDay(400)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1, min_bytes_for_wide_part = 134217728, merge_selector_base = 10, index_granularity = 8192;

CREATE MATERIALIZED VIEW label_versions_view TO label_versions
(
    `tenant` LowCardinality(String),
    `decision_id` String,
    `label` String,
    `number` Nullable(Float64),
    `source` LowCardinality(String),
    `labelled_at` DateTime64(9, 'UTC'),
    `key_id` LowCardinality(String),
    `received_at` DateTime64(9, 'UTC')
)
AS SELECT
    tenant,
    decision_id,
    label,
    number,
    source,
    labelled_at,
    key_id,
    received_at
FROM labels;

CREATE TABLE labels
(
    `tenant` LowCardinality(String),
    `decision_id` String,
    `decision_hash` UInt64 MATERIALIZED sipHash64(decision_id),
    `label` String,
    `number` Nullable(Float64),
    `source` LowCardinality(String),
    `labelled_at` DateTime64(9, 'UTC') CODEC(Delta(8), LZ4),
    `key_id` LowCardinality(String),
    `received_at` DateTime64(9, 'UTC') CODEC(Delta(8), LZ4),
    INDEX received_at_range received_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(received_at)
ORDER BY (tenant, decision_id)
TTL toDateTime(received_at) + toIntervalDay(400)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1, min_bytes_for_wide_part = 134217728, merge_selector_base = 10, index_granularity = 8192;

CREATE MATERIALIZED VIEW log_decisions_view TO decisions
(
    `tenant` String,
    `time` DateTime64(9, 'UTC'),
    `decision_id` String,
    `source` String,
    `name` String,
    `outcome` String,
    `subject` String,
    `confidence` Nullable(Float64),
    `model_name` String,
    `model_version` String,
    `prompt_name` String,
    `prompt_version` String,
    `policy_name` String,
    `policy_version` String,
    `route` String,
    `action_name` String,
    `action_target` String,
    `datasets` Array(String),
    `feature_number` Map(String, Float64),
    `feature_string` Map(String, String),
    `tokens_input` Nullable(UInt64),
    `tokens_output` Nullable(UInt64),
    `embeddings` Map(String, Array(Float32)),
    `duration_ns` UInt8,
    `is_error` UInt8,
    `service_name` String,
    `service_version` String,
    `environment` String,
    `trace_id` FixedString(16),
    `span_id` FixedString(8),
    `origin_id` UInt64,
    `received_at` DateTime64(9, 'UTC')
)
AS WITH
    record.attributes AS a
SELECT
    tenant,
    time,
    multiIf(tupleElement(a['answerable.decision.id'], 'string_value') != '', tupleElement(a['answerable.decision.id'], 'string_value'), length(record.span_id) = 8, lower(hex(record.span_id)), lower(hex(sipHash64(toString(time), record.body.string_value, mapKeys(a), origin_id)))) AS decision_id,
    'log' AS source,
    if(tupleElement(a['answerable.decision.name'], 'string_value') != '', tupleElement(a['answerable.decision.name'], 'string_value'), record.event_name) AS name,
    tupleElement(a['answerable.decision.outcome'], 'string_value') AS outcome,
    tupleElement(a['answerable.decision.subject'], 'string_value') AS subject,
    multiIf(tupleElement(a['answerable.confidence'], 'kind') = 'double', tupleElement(a['answerable.confidence'], 'double_value'), tupleElement(a['answerable.confidence'], 'kind') = 'int', toFloat64(tupleElement(a['answerable.confidence'], 'int_value')), NULL) AS confidence,
    multiIf(tupleElement(a['answerable.model.name'], 'string_value') != '', tupleElement(a['answerable.model.name'], 'string_value'), tupleElement(a['gen_ai.response.model'], 'string_value') != '', tupleElement(a['gen_ai.response.model'], 'string_value'), tupleElement(a['gen_ai.request.model'], 'string_value')) AS model_name,
    tupleElement(a['answerable.model.version'], 'string_value') AS model_version,
    multiIf(tupleElement(a['answerable.prompt.name'], 'string_value') != '', tupleElement(a['answerable.prompt.name'], 'string_value'), tupleElement(a['gen_ai.prompt.name'], 'string_value')) AS prompt_name,
    multiIf(tupleElement(a['answerable.prompt.version'], 'string_value') != '', tupleElement(a['answerable.prompt.version'], 'string_value'), tupleElement(a['gen_ai.prompt.version'], 'string_value')) AS prompt_version,
    tupleElement(a['answerable.policy.name'], 'string_value') AS policy_name,
    tupleElement(a['answerable.policy.version'], 'string_value') AS policy_version,
    tupleElement(a['answerable.route'], 'string_value') AS route,
    tupleElement(a['answerable.action.name'], 'string_value') AS action_name,
    tupleElement(a['answerable.action.target'], 'string_value') AS action_target,
    if(tupleElement(a['answerable.dataset'], 'kind') = 'string', [tupleElement(a['answerable.dataset'], 'string_value')], arrayMap(x -> substring(x, if(bitAnd(reinterpretAsUInt8(substring(x, 2, 1)), 128) = 0, 3, 4)), arrayFilter(x -> startsWith(x, '\n'), tupleElement(a['answerable.dataset'], 'array_value_values')))) AS datasets,
    mapApply((k, v) -> (substring(k, 20), multiIf(v.kind = 'double', v.double_value, v.kind = 'int', toFloat64(v.int_value), toFloat64(v.bool_value))), mapFilter((k, v) -> (startsWith(k, 'answerable.feature.') AND (v.kind IN ('double', 'int', 'bool'))), a)) AS feature_number,
    mapApply((k, v) -> (substring(k, 20), v.string_value), mapFilter((k, v) -> (startsWith(k, 'answerable.feature.') AND (v.kind = 'string')), a)) AS feature_string,
    if(mapContains(a, 'gen_ai.usage.input_tokens'), toUInt64(greatest(0, tupleElement(a['gen_ai.usage.input_tokens'], 'int_value'))), NULL) AS tokens_input,
    if(mapContains(a, 'gen_ai.usage.output_tokens'), toUInt64(greatest(0, tupleElement(a['gen_ai.usage.output_tokens'], 'int_value'))), NULL) AS tokens_output,
    mapApply((k, v) -> (substring(k, 22), arrayMap(x -> toFloat32(reinterpretAsFloat64(substring(x, 2, 8))), arrayFilter(x -> startsWith(x, '!'), v.array_value_values))), mapFilter((k, v) -> (startsWith(k, 'answerable.embedding.') AND (v.kind = 'array')), a)) AS embeddings,
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
WHERE (verdict = '') AND (record.event_name = 'answerable.decision');

CREATE MATERIALIZED VIEW log_ledger_view TO ingest_ledger
(
    `signal` String,
    `tenant` String,
    `received_at` DateTime64(9, 'UTC'),
    `request_id` String,
    `body_hash` String,
    `key_id` String,
    `state` String,
    `reason` String,
    `items` UInt64,
    `requests` UInt32,
    `bytes` UInt32
)
AS SELECT
    'logs' AS signal,
    tenant,
    received_at,
    request_id,
    body_hash,
    key_id,
    entry.1 AS state,
    entry.2 AS reason,
    entry.3 AS items,
    entry.4 AS requests,
    entry.5 AS bytes
FROM
(
    SELECT
        tenant,
        request_id,
        any(item_received_at) AS received_at,
        any(item_body_hash) AS body_hash,
        any(item_key_id) AS key_id,
        any(item_wire_bytes) AS wire_bytes,
        count() AS seen,
        countIf(verdict = '') AS kept,
        sumMapIf([verdict], [toUInt64(1)], verdict != '') AS refused
    FROM
    (
        SELECT
            tenant,
            verdict,
            request_id,
            received_at AS item_received_at,
            body_hash AS item_body_hash,
            key_id AS item_key_id,
            wire_bytes AS item_wire_bytes
        FROM otlp_logs
    )
    GROUP BY
        tenant,
        request_id
)
ARRAY JOIN arrayConcat([('received', '', seen, toUInt32(1), wire_bytes)], if(kept > 0, [('stored', '', kept, toUInt32(1), wire_bytes)], []), arrayMap((r, c, i) -> ('rejected', toString(r), c, toUInt32((kept = 0) AND (i = 1)), if((kept = 0) AND (i = 1), wire_bytes, 0)), refused.1, refused.2, arrayEnumerate(refused.1))) AS entry;

CREATE MATERIALIZED VIEW log_origins_view TO origins
(
    `tenant` String,
    `origin_id` UInt64,
    `resource_attributes` Map(String, Tuple(
        kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
        string_value String,
        bool_value UInt8,
        int_value Int64,
        double_value Float64,
        array_value_values Array(String),
        kvlist_value String,
        bytes_value String)),
    `resource_dropped_attributes_count` UInt32,
    `resource_schema_url` String,
    `scope_name` String,
    `scope_version` String,
    `scope_attributes` Map(String, Tuple(
        kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
        string_value String,
        bool_value UInt8,
        int_value Int64,
        double_value Float64,
        array_value_values Array(String),
        kvlist_value String,
        bytes_value String)),
    `scope_dropped_attributes_count` UInt32,
    `scope_schema_url` String,
    `last_seen` DateTime64(9, 'UTC')
)
AS SELECT
    frame_tenant AS tenant,
    origin_id,
    resource_attributes,
    resource_dropped_attributes_count,
    resource_schema_url,
    scope_name,
    scope_version,
    scope_attributes,
    scope_dropped_attributes_count,
    scope_schema_url,
    fromUnixTimestamp64Nano(toInt64(frame_received_at), 'UTC') AS last_seen
FROM otlp_log_scopes
LIMIT 1 BY
    tenant,
    origin_id;

CREATE TABLE logs
(
    `tenant` LowCardinality(String),
    `time` DateTime64(9, 'UTC') CODEC(Delta(8), LZ4),
    `observed_time_unix_nano` UInt64,
    `severity_number` Int32,
    `severity_text` LowCardinality(String),
    `event_name` LowCardinality(String),
    `body` Tuple(
        kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
        string_value String,
        bool_value UInt8,
        int_value Int64,
        double_value Float64,
        array_value_values Array(String),
        kvlist_value String,
        bytes_value String),
    `trace_id` FixedString(16),
    `span_id` FixedString(8),
    `flags` UInt32,
    `service_name` LowCardinality(String),
    `service_version` LowCardinality(String),
    `environment` LowCardinality(String),
    `origin_id` UInt64,
    `attr_string` Map(LowCardinality(String), String),
    `attr_int` Map(LowCardinality(String), Int64),
    `attr_double` Map(LowCardinality(String), Float64),
    `attr_bool` Map(LowCardinality(String), Bool),
    `attr_array` Map(LowCardinality(String), Array(String)),
    `attr_other` Map(LowCardinality(String), String),
    `dropped_attributes_count` UInt32,
    `received_at` DateTime64(9, 'UTC') CODEC(Delta(8), LZ4),
    INDEX trace_id_bloom trace_id TYPE bloom_filter(0.01) GRANULARITY 4
)
ENGINE = MergeTree
PARTITION BY toDate(received_at)
ORDER BY (tenant, time)
TTL toDateTime(received_at) + toIntervalDay(30)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1, min_bytes_for_wide_part = 134217728, merge_selector_base = 10, index_granularity = 8192;

CREATE MATERIALIZED VIEW logs_view TO logs
(
    `tenant` String,
    `time` DateTime64(9, 'UTC'),
    `observed_time_unix_nano` UInt64,
    `severity_number` Int32,
    `severity_text` String,
    `event_name` String,
    `body` Tuple(
        kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
        string_value String,
        bool_value UInt8,
        int_value Int64,
        double_value Float64,
        array_value_values Array(String),
        kvlist_value String,
        bytes_value String),
    `trace_id` FixedString(16),
    `span_id` FixedString(8),
    `flags` UInt32,
    `service_name` String,
    `service_version` String,
    `environment` String,
    `origin_id` UInt64,
    `attr_string` Map(String, String),
    `attr_int` Map(String, Int64),
    `attr_double` Map(String, Float64),
    `attr_bool` Map(String, UInt8),
    `attr_array` Map(String, Array(String)),
    `attr_other` Map(String, String),
    `dropped_attributes_count` UInt32,
    `received_at` DateTime64(9, 'UTC')
)
AS SELECT
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
    mapFromArrays(arrayFilter((k, t) -> (t = 'string'), keys, kinds), arrayFilter((v, t) -> (t = 'string'), `values`.string_value, kinds)) AS attr_string,
    mapFromArrays(arrayFilter((k, t) -> (t = 'int'), keys, kinds), arrayFilter((v, t) -> (t = 'int'), `values`.int_value, kinds)) AS attr_int,
    mapFromArrays(arrayFilter((k, t) -> (t = 'double'), keys, kinds), arrayFilter((v, t) -> (t = 'double'), `values`.double_value, kinds)) AS attr_double,
    mapFromArrays(arrayFilter((k, t) -> (t = 'bool'), keys, kinds), arrayMap(v -> (v != 0), arrayFilter((v, t) -> (t = 'bool'), `values`.bool_value, kinds))) AS attr_bool,
    mapFromArrays(arrayFilter((k, t) -> (t = 'array'), keys, kinds), arrayFilter((v, t) -> (t = 'array'), `values`.array_value_values, kinds)) AS attr_array,
    mapFromArrays(arrayFilter((k, t) -> (t IN ('none', 'kvlist', 'bytes')), keys, kinds), arrayFilter((v, t) -> (t IN ('none', 'kvlist', 'bytes')), arrayMap((t, a, b) -> concat(substring(toString(t), 1, 1), a, b), kinds, `values`.kvlist_value, `values`.bytes_value), kinds)) AS attr_other,
    record.dropped_attributes_count AS dropped_attributes_count,
    received_at
FROM
(
    SELECT
        tenant,
        time,
        service_name,
        service_version,
        environment,
        origin_id,
        received_at,
        record,
        mapKeys(record.attributes) AS keys,
        mapValues(record.attributes) AS `values`,
        `values`.kind AS kinds
    FROM otlp_logs
    WHERE verdict = ''
);

CREATE MATERIALIZED VIEW metric_ledger_view TO ingest_ledger
(
    `signal` String,
    `tenant` String,
    `received_at` DateTime64(9, 'UTC'),
    `request_id` String,
    `body_hash` String,
    `key_id` String,
    `state` String,
    `reason` String,
    `items` UInt64,
    `requests` UInt32,
    `bytes` UInt32
)
AS SELECT
    'metrics' AS signal,
    tenant,
    received_at,
    request_id,
    body_hash,
    key_id,
    entry.1 AS state,
    entry.2 AS reason,
    entry.3 AS items,
    entry.4 AS requests,
    entry.5 AS bytes
FROM
(
    SELECT
        tenant,
        request_id,
        any(item_received_at) AS received_at,
        any(item_body_hash) AS body_hash,
        any(item_key_id) AS key_id,
        any(item_wire_bytes) AS wire_bytes,
        count() AS seen,
        countIf(verdict = '') AS kept,
        sumMapIf([verdict], [toUInt64(1)], verdict != '') AS refused
    FROM
    (
        SELECT
            tenant,
            verdict,
            request_id,
            received_at AS item_received_at,
            body_hash AS item_body_hash,
            key_id AS item_key_id,
            wire_bytes AS item_wire_bytes
        FROM otlp_points
    )
    GROUP BY
        tenant,
        request_id
)
ARRAY JOIN arrayConcat([('received', '', seen, toUInt32(1), wire_bytes)], if(kept > 0, [('stored', '', kept, toUInt32(1), wire_bytes)], []), arrayMap((r, c, i) -> ('rejected', toString(r), c, toUInt32((kept = 0) AND (i = 1)), if((kept = 0) AND (i = 1), wire_bytes, 0)), refused.1, refused.2, arrayEnumerate(refused.1))) AS entry;

CREATE MATERIALIZED VIEW metric_origins_view TO origins
(
    `tenant` String,
    `origin_id` UInt64,
    `resource_attributes` Map(String, Tuple(
        kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
        string_value String,
        bool_value UInt8,
        int_value Int64,
        double_value Float64,
        array_value_values Array(String),
        kvlist_value String,
        bytes_value String)),
    `resource_dropped_attributes_count` UInt32,
    `resource_schema_url` String,
    `scope_name` String,
    `scope_version` String,
    `scope_attributes` Map(String, Tuple(
        kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
        string_value String,
        bool_value UInt8,
        int_value Int64,
        double_value Float64,
        array_value_values Array(String),
        kvlist_value String,
        bytes_value String)),
    `scope_dropped_attributes_count` UInt32,
    `scope_schema_url` String,
    `last_seen` DateTime64(9, 'UTC')
)
AS SELECT
    frame_tenant AS tenant,
    origin_id,
    resource_attributes,
    resource_dropped_attributes_count,
    resource_schema_url,
    scope_name,
    scope_version,
    scope_attributes,
    scope_dropped_attributes_count,
    scope_schema_url,
    fromUnixTimestamp64Nano(toInt64(frame_received_at), 'UTC') AS last_seen
FROM otlp_metric_scopes
LIMIT 1 BY
    tenant,
    origin_id;

CREATE TABLE metric_points
(
    `tenant` LowCardinality(String),
    `time` DateTime64(9, 'UTC') CODEC(Delta(8), LZ4),
    `start_time_unix_nano` UInt64,
    `metric` LowCardinality(String),
    `description` LowCardinality(String),
    `unit` LowCardinality(String),
    `kind` Enum8('gauge' = 1, 'sum' = 2, 'histogram' = 3, 'exponential_histogram' = 4, 'summary' = 5),
    `temporality` Int32,
    `is_monotonic` Bool,
    `value_double` Nullable(Float64),
    `value_int` Nullable(Int64),
    `count` UInt64,
    `sum` Nullable(Float64),
    `min` Nullable(Float64),
    `max` Nullable(Float64),
    `bucket_counts` Array(UInt64),
    `explicit_bounds` Array(Float64),
    `scale` Int32,
    `zero_count` UInt64,
    `zero_threshold` Float64,
    `positive_offset` Int32,
    `positive_counts` Array(UInt64),
    `negative_offset` Int32,
    `negative_counts` Array(UInt64),
    `quantiles` Array(Tuple(
        quantile Float64,
        value Float64)),
    `exemplars` Array(Tuple(
        time_unix_nano UInt64,
        value Enum8('none' = 0, 'as_double' = 3, 'as_int' = 6),
        as_double Float64,
        as_int Int64,
        span_id String,
        trace_id String,
        filtered_attributes Map(String, Tuple(
            kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
            string_value String,
            bool_value UInt8,
            int_value Int64,
            double_value Float64,
            array_value_values Array(String),
            kvlist_value String,
            bytes_value String)))),
    `flags` UInt32,
    `service_name` LowCardinality(String),
    `service_version` LowCardinality(String),
    `environment` LowCardinality(String),
    `origin_id` UInt64,
    `attr_string` Map(LowCardinality(String), String),
    `attr_int` Map(LowCardinality(String), Int64),
    `attr_double` Map(LowCardinality(String), Float64),
    `attr_bool` Map(LowCardinality(String), Bool),
    `attr_array` Map(LowCardinality(String), Array(String)),
    `attr_other` Map(LowCardinality(String), String),
    `received_at` DateTime64(9, 'UTC') CODEC(Delta(8), LZ4)
)
ENGINE = MergeTree
PARTITION BY toDate(received_at)
ORDER BY (tenant, metric, service_name, time)
TTL toDateTime(received_at) + toIntervalDay(30)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1, min_bytes_for_wide_part = 134217728, merge_selector_base = 10, index_granularity = 8192;

CREATE MATERIALIZED VIEW metric_points_view TO metric_points
(
    `tenant` String,
    `time` DateTime64(9, 'UTC'),
    `start_time_unix_nano` UInt64,
    `metric` String,
    `description` String,
    `unit` String,
    `kind` Enum8('gauge' = 1, 'sum' = 2, 'histogram' = 3, 'exponential_histogram' = 4, 'summary' = 5),
    `temporality` Int32,
    `is_monotonic` Bool,
    `value_double` Nullable(Float64),
    `value_int` Nullable(Int64),
    `count` UInt64,
    `sum` Nullable(Float64),
    `min` Nullable(Float64),
    `max` Nullable(Float64),
    `bucket_counts` Array(UInt64),
    `explicit_bounds` Array(Float64),
    `scale` Int32,
    `zero_count` UInt64,
    `zero_threshold` Float64,
    `positive_offset` Int32,
    `positive_counts` Array(UInt64),
    `negative_offset` Int32,
    `negative_counts` Array(UInt64),
    `quantiles` Array(Tuple(
        quantile Float64,
        value Float64)),
    `exemplars` Array(Tuple(
        time_unix_nano UInt64,
        value Enum8('none' = 0, 'as_double' = 3, 'as_int' = 6),
        as_double Float64,
        as_int Int64,
        span_id String,
        trace_id String,
        filtered_attributes Map(String, Tuple(
            kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
            string_value String,
            bool_value UInt8,
            int_value Int64,
            double_value Float64,
            array_value_values Array(String),
            kvlist_value String,
            bytes_value String)))),
    `flags` UInt32,
    `service_name` String,
    `service_version` String,
    `environment` String,
    `origin_id` UInt64,
    `attr_string` Map(String, String),
    `attr_int` Map(String, Int64),
    `attr_double` Map(String, Float64),
    `attr_bool` Map(String, UInt8),
    `attr_array` Map(String, Array(String)),
    `attr_other` Map(String, String),
    `received_at` DateTime64(9, 'UTC')
)
AS SELECT
    tenant,
    fromUnixTimestamp64Nano(toInt64(point.time_unix_nano), 'UTC') AS time,
    point.start_time_unix_nano AS start_time_unix_nano,
    metric,
    description,
    metric_unit AS unit,
    point.kind AS kind,
    point.temporality AS temporality,
    point.is_monotonic AS is_monotonic,
    point.value_double AS value_double,
    point.value_int AS value_int,
    point.count AS count,
    point.sum AS sum,
    point.min AS min,
    point.max AS max,
    point.bucket_counts AS bucket_counts,
    point.explicit_bounds AS explicit_bounds,
    point.scale AS scale,
    point.zero_count AS zero_count,
    point.zero_threshold AS zero_threshold,
    point.positive_offset AS positive_offset,
    point.positive_counts AS positive_counts,
    point.negative_offset AS negative_offset,
    point.negative_counts AS negative_counts,
    point.quantiles AS quantiles,
    point.exemplars AS exemplars,
    point.flags AS flags,
    service_name,
    service_version,
    environment,
    origin_id,
    mapFromArrays(arrayFilter((k, t) -> (t = 'string'), keys, kinds), arrayFilter((v, t) -> (t = 'string'), `values`.string_value, kinds)) AS attr_string,
    mapFromArrays(arrayFilter((k, t) -> (t = 'int'), keys, kinds), arrayFilter((v, t) -> (t = 'int'), `values`.int_value, kinds)) AS attr_int,
    mapFromArrays(arrayFilter((k, t) -> (t = 'double'), keys, kinds), arrayFilter((v, t) -> (t = 'double'), `values`.double_value, kinds)) AS attr_double,
    mapFromArrays(arrayFilter((k, t) -> (t = 'bool'), keys, kinds), arrayMap(v -> (v != 0), arrayFilter((v, t) -> (t = 'bool'), `values`.bool_value, kinds))) AS attr_bool,
    mapFromArrays(arrayFilter((k, t) -> (t = 'array'), keys, kinds), arrayFilter((v, t) -> (t = 'array'), `values`.array_value_values, kinds)) AS attr_array,
    mapFromArrays(arrayFilter((k, t) -> (t IN ('none', 'kvlist', 'bytes')), keys, kinds), arrayFilter((v, t) -> (t IN ('none', 'kvlist', 'bytes')), arrayMap((t, a, b) -> concat(substring(toString(t), 1, 1), a, b), kinds, `values`.kvlist_value, `values`.bytes_value), kinds)) AS attr_other,
    received_at
FROM
(
    SELECT
        tenant,
        metric,
        description,
        metric_unit,
        service_name,
        service_version,
        environment,
        origin_id,
        received_at,
        point,
        mapKeys(point.attributes) AS keys,
        mapValues(point.attributes) AS `values`,
        `values`.kind AS kinds
    FROM otlp_points
    WHERE verdict = ''
);

CREATE TABLE origins
(
    `tenant` LowCardinality(String),
    `origin_id` UInt64,
    `resource_attributes` Map(String, Tuple(
        kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
        string_value String,
        bool_value UInt8,
        int_value Int64,
        double_value Float64,
        array_value_values Array(String),
        kvlist_value String,
        bytes_value String)),
    `resource_dropped_attributes_count` UInt32,
    `resource_schema_url` String,
    `scope_name` LowCardinality(String),
    `scope_version` LowCardinality(String),
    `scope_attributes` Map(String, Tuple(
        kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
        string_value String,
        bool_value UInt8,
        int_value Int64,
        double_value Float64,
        array_value_values Array(String),
        kvlist_value String,
        bytes_value String)),
    `scope_dropped_attributes_count` UInt32,
    `scope_schema_url` String,
    `last_seen` DateTime64(9, 'UTC')
)
ENGINE = ReplacingMergeTree(last_seen)
ORDER BY (tenant, origin_id)
TTL toDateTime(last_seen) + toIntervalDay(400)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1, min_bytes_for_wide_part = 134217728, merge_selector_base = 10, index_granularity = 8192;

CREATE TABLE otlp_log_scopes
(
    `frame_tenant` String,
    `tenants` Array(String),
    `request_id` String,
    `body_hash` String,
    `frame_received_at` UInt64,
    `key_id` String,
    `wire_bytes` UInt32,
    `origin_id` UInt64,
    `resource_tenant` String,
    `service_name` String,
    `service_version` String,
    `environment` String,
    `resource_attributes` Map(String, Tuple(
        kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
        string_value String,
        bool_value UInt8,
        int_value Int64,
        double_value Float64,
        array_value_values Array(String),
        kvlist_value String,
        bytes_value String)),
    `resource_dropped_attributes_count` UInt32,
    `resource_schema_url` String,
    `scope_name` String,
    `scope_version` String,
    `scope_attributes` Map(String, Tuple(
        kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
        string_value String,
        bool_value UInt8,
        int_value Int64,
        double_value Float64,
        array_value_values Array(String),
        kvlist_value String,
        bytes_value String)),
    `scope_dropped_attributes_count` UInt32,
    `scope_schema_url` String,
    `records` Array(Tuple(
        time_unix_nano UInt64,
        severity_number Int32,
        severity_text String,
        body Tuple(
            kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
            string_value String,
            bool_value UInt8,
            int_value Int64,
            double_value Float64,
            array_value_values Array(String),
            kvlist_value String,
            bytes_value String),
        attributes Map(String, Tuple(
            kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
            string_value String,
            bool_value UInt8,
            int_value Int64,
            double_value Float64,
            array_value_values Array(String),
            kvlist_value String,
            bytes_value String)),
        dropped_attributes_count UInt32,
        flags UInt32,
        trace_id String,
        span_id String,
        observed_time_unix_nano UInt64,
        event_name String))
)
ENGINE = `Null`;

CREATE MATERIALIZED VIEW otlp_log_scopes_view TO otlp_log_scopes
(
    `frame_tenant` String,
    `tenants` Array(String),
    `request_id` String,
    `body_hash` String,
    `frame_received_at` UInt64,
    `key_id` String,
    `wire_bytes` UInt32,
    `origin_id` UInt64,
    `resource_tenant` String,
    `service_name` String,
    `service_version` String,
    `environment` String,
    `resource_attributes` Map(String, Tuple(
        kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
        string_value String,
        bool_value UInt8,
        int_value Int64,
        double_value Float64,
        array_value_values Array(String),
        kvlist_value String,
        bytes_value String)),
    `resource_dropped_attributes_count` UInt32,
    `resource_schema_url` String,
    `scope_name` String,
    `scope_version` String,
    `scope_attributes` Map(String, Tuple(
        kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
        string_value String,
        bool_value UInt8,
        int_value Int64,
        double_value Float64,
        array_value_values Array(String),
        kvlist_value String,
        bytes_value String)),
    `scope_dropped_attributes_count` UInt32,
    `scope_schema_url` String,
    `records` Array(Tuple(
        time_unix_nano UInt64,
        severity_number Int32,
        severity_text String,
        body Tuple(
            kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
            string_value String,
            bool_value UInt8,
            int_value Int64,
            double_value Float64,
            array_value_values Array(String),
            kvlist_value String,
            bytes_value String),
        attributes Map(String, Tuple(
            kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
            string_value String,
            bool_value UInt8,
            int_value Int64,
            double_value Float64,
            array_value_values Array(String),
            kvlist_value String,
            bytes_value String)),
        dropped_attributes_count UInt32,
        flags UInt32,
        trace_id String,
        span_id String,
        observed_time_unix_nano UInt64,
        event_name String))
)
AS SELECT
    frame_tenant,
    tenants,
    request_id,
    body_hash,
    frame_received_at,
    key_id,
    wire_bytes,
    sipHash64(resource_attributes, resource_dropped_attributes_count, resource_schema_url, scope_name, scope_version, scope_attributes, scope_dropped_attributes_count, scope_schema_url) AS origin_id,
    arrayFirst(x -> (x != ''), [tupleElement(resource_attributes['tenant.id'], 'string_value'), default_tenant]) AS resource_tenant,
    tupleElement(resource_attributes['service.name'], 'string_value') AS service_name,
    tupleElement(resource_attributes['service.version'], 'string_value') AS service_version,
    arrayFirst(x -> (x != ''), [tupleElement(resource_attributes['deployment.environment.name'], 'string_value'), tupleElement(resource_attributes['deployment.environment'], 'string_value')]) AS environment,
    resource_attributes,
    resource_dropped_attributes_count,
    resource_schema_url,
    scope_name,
    scope_version,
    scope_attributes,
    scope_dropped_attributes_count,
    scope_schema_url,
    records
FROM
(
    SELECT
        frame_tenant,
        tenants,
        request_id,
        body_hash,
        frame_received_at,
        key_id,
        wire_bytes,
        default_tenant,
        resource_attributes,
        resource_dropped_attributes_count,
        resource_schema_url,
        tupleElement(tupleElement(part, 'scope'), 'name') AS scope_name,
        tupleElement(tupleElement(part, 'scope'), 'version') AS scope_version,
        tupleElement(tupleElement(part, 'scope'), 'attributes') AS scope_attributes,
        tupleElement(tupleElement(part, 'scope'), 'dropped_attributes_count') AS scope_dropped_attributes_count,
        part.schema_url AS scope_schema_url,
        part.log_records AS records
    FROM
    (
        SELECT
            tenant AS frame_tenant,
            tenants,
            request_id,
            body_hash,
            received_at AS frame_received_at,
            key_id,
            wire_bytes,
            default_tenant,
            part.resource.attributes AS resource_attributes,
            part.resource.dropped_attributes_count AS resource_dropped_attributes_count,
            part.schema_url AS resource_schema_url,
            part.scope_logs AS parts
        FROM otlp_logs_in
        ARRAY JOIN request_resource_logs AS part
    )
    ARRAY JOIN parts AS part
);

CREATE TABLE otlp_logs
(
    `tenant` String,
    `verdict` String,
    `request_id` String,
    `body_hash` String,
    `received_at` DateTime64(9, 'UTC'),
    `key_id` String,
    `wire_bytes` UInt32,
    `origin_id` UInt64,
    `service_name` String,
    `service_version` String,
    `environment` String,
    `time` DateTime64(9, 'UTC'),
    `record` Tuple(
        time_unix_nano UInt64,
        severity_number Int32,
        severity_text String,
        body Tuple(
            kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
            string_value String,
            bool_value UInt8,
            int_value Int64,
            double_value Float64,
            array_value_values Array(String),
            kvlist_value String,
            bytes_value String),
        attributes Map(String, Tuple(
            kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
            string_value String,
            bool_value UInt8,
            int_value Int64,
            double_value Float64,
            array_value_values Array(String),
            kvlist_value String,
            bytes_value String)),
        dropped_attributes_count UInt32,
        flags UInt32,
        trace_id String,
        span_id String,
        observed_time_unix_nano UInt64,
        event_name String)
)
ENGINE = `Null`;

CREATE TABLE otlp_logs_in
(
    `tenant` String,
    `tenants` Array(String),
    `request_id` String,
    `body_hash` String,
    `received_at` UInt64,
    `key_id` String,
    `wire_bytes` UInt32,
    `items` UInt32,
    `default_tenant` String,
    `request_resource_logs` Array(Tuple(
        resource Tuple(
            attributes Map(String, Tuple(
                kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                string_value String,
                bool_value UInt8,
                int_value Int64,
                double_value Float64,
                array_value_values Array(String),
                kvlist_value String,
                bytes_value String)),
            dropped_attributes_count UInt32),
        scope_logs Array(Tuple(
            scope Tuple(
                name String,
                version String,
                attributes Map(String, Tuple(
                    kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                    string_value String,
                    bool_value UInt8,
                    int_value Int64,
                    double_value Float64,
                    array_value_values Array(String),
                    kvlist_value String,
                    bytes_value String)),
                dropped_attributes_count UInt32),
            log_records Array(Tuple(
                time_unix_nano UInt64,
                severity_number Int32,
                severity_text String,
                body Tuple(
                    kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                    string_value String,
                    bool_value UInt8,
                    int_value Int64,
                    double_value Float64,
                    array_value_values Array(String),
                    kvlist_value String,
                    bytes_value String),
                attributes Map(String, Tuple(
                    kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                    string_value String,
                    bool_value UInt8,
                    int_value Int64,
                    double_value Float64,
                    array_value_values Array(String),
                    kvlist_value String,
                    bytes_value String)),
                dropped_attributes_count UInt32,
                flags UInt32,
                trace_id String,
                span_id String,
                observed_time_unix_nano UInt64,
                event_name String)),
            schema_url String)),
        schema_url String))
)
ENGINE = `Null`;

CREATE MATERIALIZED VIEW otlp_logs_view TO otlp_logs
(
    `tenant` String,
    `verdict` String,
    `request_id` String,
    `body_hash` String,
    `received_at` DateTime64(9, 'UTC'),
    `key_id` String,
    `wire_bytes` UInt32,
    `origin_id` UInt64,
    `service_name` String,
    `service_version` String,
    `environment` String,
    `time` DateTime64(9, 'UTC'),
    `record` Tuple(
        time_unix_nano UInt64,
        severity_number Int32,
        severity_text String,
        body Tuple(
            kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
            string_value String,
            bool_value UInt8,
            int_value Int64,
            double_value Float64,
            array_value_values Array(String),
            kvlist_value String,
            bytes_value String),
        attributes Map(String, Tuple(
            kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
            string_value String,
            bool_value UInt8,
            int_value Int64,
            double_value Float64,
            array_value_values Array(String),
            kvlist_value String,
            bytes_value String)),
        dropped_attributes_count UInt32,
        flags UInt32,
        trace_id String,
        span_id String,
        observed_time_unix_nano UInt64,
        event_name String)
)
AS SELECT
    if(tenant_verdict = '', claimed, '') AS tenant,
    multiIf(tenant_verdict != '', tenant_verdict, time_ns > (frame_received_at + 86400000000000), 'timestamp_out_of_range', '') AS verdict,
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
FROM
(
    SELECT
        frame_tenant,
        tenants,
        request_id,
        body_hash,
        frame_received_at,
        key_id,
        wire_bytes,
        origin_id,
        resource_tenant,
        service_name,
        service_version,
        environment,
        multiIf(frame_tenant != '', frame_tenant, item_tenant != '', item_tenant, resource_tenant) AS claimed,
        multiIf(frame_tenant != '', '', claimed = '', 'tenant_missing', NOT hasAny(tenants, [claimed, '*']), 'tenant_not_allowed', '') AS tenant_verdict,
        record,
        multiIf(record.time_unix_nano != 0, record.time_unix_nano, record.observed_time_unix_nano != 0, record.observed_time_unix_nano, frame_received_at) AS time_ns
    FROM
    (
        SELECT
            frame_tenant,
            tenants,
            request_id,
            body_hash,
            frame_received_at,
            key_id,
            wire_bytes,
            origin_id,
            resource_tenant,
            service_name,
            service_version,
            environment,
            record,
            tupleElement(record.attributes['tenant.id'], 'string_value') AS item_tenant
        FROM otlp_log_scopes
        ARRAY JOIN records AS record
    )
);

CREATE TABLE otlp_metric_scopes
(
    `frame_tenant` String,
    `tenants` Array(String),
    `request_id` String,
    `body_hash` String,
    `frame_received_at` UInt64,
    `key_id` String,
    `wire_bytes` UInt32,
    `origin_id` UInt64,
    `resource_tenant` String,
    `service_name` String,
    `service_version` String,
    `environment` String,
    `resource_attributes` Map(String, Tuple(
        kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
        string_value String,
        bool_value UInt8,
        int_value Int64,
        double_value Float64,
        array_value_values Array(String),
        kvlist_value String,
        bytes_value String)),
    `resource_dropped_attributes_count` UInt32,
    `resource_schema_url` String,
    `scope_name` String,
    `scope_version` String,
    `scope_attributes` Map(String, Tuple(
        kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
        string_value String,
        bool_value UInt8,
        int_value Int64,
        double_value Float64,
        array_value_values Array(String),
        kvlist_value String,
        bytes_value String)),
    `scope_dropped_attributes_count` UInt32,
    `scope_schema_url` String,
    `metrics` Array(Tuple(
        name String,
        description String,
        unit String,
        gauge_data_points Array(Tuple(
            start_time_unix_nano UInt64,
            time_unix_nano UInt64,
            value Enum8('none' = 0, 'as_double' = 4, 'as_int' = 6),
            as_double Float64,
            as_int Int64,
            exemplars Array(Tuple(
                time_unix_nano UInt64,
                value Enum8('none' = 0, 'as_double' = 3, 'as_int' = 6),
                as_double Float64,
                as_int Int64,
                span_id String,
                trace_id String,
                filtered_attributes Map(String, Tuple(
                    kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                    string_value String,
                    bool_value UInt8,
                    int_value Int64,
                    double_value Float64,
                    array_value_values Array(String),
                    kvlist_value String,
                    bytes_value String)))),
            attributes Map(String, Tuple(
                kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                string_value String,
                bool_value UInt8,
                int_value Int64,
                double_value Float64,
                array_value_values Array(String),
                kvlist_value String,
                bytes_value String)),
            flags UInt32)),
        sum Tuple(
            data_points Array(Tuple(
                start_time_unix_nano UInt64,
                time_unix_nano UInt64,
                value Enum8('none' = 0, 'as_double' = 4, 'as_int' = 6),
                as_double Float64,
                as_int Int64,
                exemplars Array(Tuple(
                    time_unix_nano UInt64,
                    value Enum8('none' = 0, 'as_double' = 3, 'as_int' = 6),
                    as_double Float64,
                    as_int Int64,
                    span_id String,
                    trace_id String,
                    filtered_attributes Map(String, Tuple(
                        kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                        string_value String,
                        bool_value UInt8,
                        int_value Int64,
                        double_value Float64,
                        array_value_values Array(String),
                        kvlist_value String,
                        bytes_value String)))),
                attributes Map(String, Tuple(
                    kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                    string_value String,
                    bool_value UInt8,
                    int_value Int64,
                    double_value Float64,
                    array_value_values Array(String),
                    kvlist_value String,
                    bytes_value String)),
                flags UInt32)),
            aggregation_temporality Int32,
            is_monotonic UInt8),
        histogram Tuple(
            data_points Array(Tuple(
                start_time_unix_nano UInt64,
                time_unix_nano UInt64,
                count UInt64,
                sum Nullable(Float64),
                bucket_counts Array(UInt64),
                explicit_bounds Array(Float64),
                exemplars Array(Tuple(
                    time_unix_nano UInt64,
                    value Enum8('none' = 0, 'as_double' = 3, 'as_int' = 6),
                    as_double Float64,
                    as_int Int64,
                    span_id String,
                    trace_id String,
                    filtered_attributes Map(String, Tuple(
                        kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                        string_value String,
                        bool_value UInt8,
                        int_value Int64,
                        double_value Float64,
                        array_value_values Array(String),
                        kvlist_value String,
                        bytes_value String)))),
                attributes Map(String, Tuple(
                    kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                    string_value String,
                    bool_value UInt8,
                    int_value Int64,
                    double_value Float64,
                    array_value_values Array(String),
                    kvlist_value String,
                    bytes_value String)),
                flags UInt32,
                min Nullable(Float64),
                max Nullable(Float64))),
            aggregation_temporality Int32),
        exponential_histogram Tuple(
            data_points Array(Tuple(
                attributes Map(String, Tuple(
                    kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                    string_value String,
                    bool_value UInt8,
                    int_value Int64,
                    double_value Float64,
                    array_value_values Array(String),
                    kvlist_value String,
                    bytes_value String)),
                start_time_unix_nano UInt64,
                time_unix_nano UInt64,
                count UInt64,
                sum Nullable(Float64),
                scale Int32,
                zero_count UInt64,
                positive Tuple(
                    offset Int32,
                    bucket_counts Array(UInt64)),
                negative Tuple(
                    offset Int32,
                    bucket_counts Array(UInt64)),
                flags UInt32,
                exemplars Array(Tuple(
                    time_unix_nano UInt64,
                    value Enum8('none' = 0, 'as_double' = 3, 'as_int' = 6),
                    as_double Float64,
                    as_int Int64,
                    span_id String,
                    trace_id String,
                    filtered_attributes Map(String, Tuple(
                        kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                        string_value String,
                        bool_value UInt8,
                        int_value Int64,
                        double_value Float64,
                        array_value_values Array(String),
                        kvlist_value String,
                        bytes_value String)))),
                min Nullable(Float64),
                max Nullable(Float64),
                zero_threshold Float64)),
            aggregation_temporality Int32),
        summary_data_points Array(Tuple(
            start_time_unix_nano UInt64,
            time_unix_nano UInt64,
            count UInt64,
            sum Float64,
            quantile_values Array(Tuple(
                quantile Float64,
                value Float64)),
            attributes Map(String, Tuple(
                kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                string_value String,
                bool_value UInt8,
                int_value Int64,
                double_value Float64,
                array_value_values Array(String),
                kvlist_value String,
                bytes_value String)),
            flags UInt32))))
)
ENGINE = `Null`;

CREATE MATERIALIZED VIEW otlp_metric_scopes_view TO otlp_metric_scopes
(
    `frame_tenant` String,
    `tenants` Array(String),
    `request_id` String,
    `body_hash` String,
    `frame_received_at` UInt64,
    `key_id` String,
    `wire_bytes` UInt32,
    `origin_id` UInt64,
    `resource_tenant` String,
    `service_name` String,
    `service_version` String,
    `environment` String,
    `resource_attributes` Map(String, Tuple(
        kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
        string_value String,
        bool_value UInt8,
        int_value Int64,
        double_value Float64,
        array_value_values Array(String),
        kvlist_value String,
        bytes_value String)),
    `resource_dropped_attributes_count` UInt32,
    `resource_schema_url` String,
    `scope_name` String,
    `scope_version` String,
    `scope_attributes` Map(String, Tuple(
        kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
        string_value String,
        bool_value UInt8,
        int_value Int64,
        double_value Float64,
        array_value_values Array(String),
        kvlist_value String,
        bytes_value String)),
    `scope_dropped_attributes_count` UInt32,
    `scope_schema_url` String,
    `metrics` Array(Tuple(
        name String,
        description String,
        unit String,
        gauge_data_points Array(Tuple(
            start_time_unix_nano UInt64,
            time_unix_nano UInt64,
            value Enum8('none' = 0, 'as_double' = 4, 'as_int' = 6),
            as_double Float64,
            as_int Int64,
            exemplars Array(Tuple(
                time_unix_nano UInt64,
                value Enum8('none' = 0, 'as_double' = 3, 'as_int' = 6),
                as_double Float64,
                as_int Int64,
                span_id String,
                trace_id String,
                filtered_attributes Map(String, Tuple(
                    kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                    string_value String,
                    bool_value UInt8,
                    int_value Int64,
                    double_value Float64,
                    array_value_values Array(String),
                    kvlist_value String,
                    bytes_value String)))),
            attributes Map(String, Tuple(
                kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                string_value String,
                bool_value UInt8,
                int_value Int64,
                double_value Float64,
                array_value_values Array(String),
                kvlist_value String,
                bytes_value String)),
            flags UInt32)),
        sum Tuple(
            data_points Array(Tuple(
                start_time_unix_nano UInt64,
                time_unix_nano UInt64,
                value Enum8('none' = 0, 'as_double' = 4, 'as_int' = 6),
                as_double Float64,
                as_int Int64,
                exemplars Array(Tuple(
                    time_unix_nano UInt64,
                    value Enum8('none' = 0, 'as_double' = 3, 'as_int' = 6),
                    as_double Float64,
                    as_int Int64,
                    span_id String,
                    trace_id String,
                    filtered_attributes Map(String, Tuple(
                        kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                        string_value String,
                        bool_value UInt8,
                        int_value Int64,
                        double_value Float64,
                        array_value_values Array(String),
                        kvlist_value String,
                        bytes_value String)))),
                attributes Map(String, Tuple(
                    kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                    string_value String,
                    bool_value UInt8,
                    int_value Int64,
                    double_value Float64,
                    array_value_values Array(String),
                    kvlist_value String,
                    bytes_value String)),
                flags UInt32)),
            aggregation_temporality Int32,
            is_monotonic UInt8),
        histogram Tuple(
            data_points Array(Tuple(
                start_time_unix_nano UInt64,
                time_unix_nano UInt64,
                count UInt64,
                sum Nullable(Float64),
                bucket_counts Array(UInt64),
                explicit_bounds Array(Float64),
                exemplars Array(Tuple(
                    time_unix_nano UInt64,
                    value Enum8('none' = 0, 'as_double' = 3, 'as_int' = 6),
                    as_double Float64,
                    as_int Int64,
                    span_id String,
                    trace_id String,
                    filtered_attributes Map(String, Tuple(
                        kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                        string_value String,
                        bool_value UInt8,
                        int_value Int64,
                        double_value Float64,
                        array_value_values Array(String),
                        kvlist_value String,
                        bytes_value String)))),
                attributes Map(String, Tuple(
                    kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                    string_value String,
                    bool_value UInt8,
                    int_value Int64,
                    double_value Float64,
                    array_value_values Array(String),
                    kvlist_value String,
                    bytes_value String)),
                flags UInt32,
                min Nullable(Float64),
                max Nullable(Float64))),
            aggregation_temporality Int32),
        exponential_histogram Tuple(
            data_points Array(Tuple(
                attributes Map(String, Tuple(
                    kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                    string_value String,
                    bool_value UInt8,
                    int_value Int64,
                    double_value Float64,
                    array_value_values Array(String),
                    kvlist_value String,
                    bytes_value String)),
                start_time_unix_nano UInt64,
                time_unix_nano UInt64,
                count UInt64,
                sum Nullable(Float64),
                scale Int32,
                zero_count UInt64,
                positive Tuple(
                    offset Int32,
                    bucket_counts Array(UInt64)),
                negative Tuple(
                    offset Int32,
                    bucket_counts Array(UInt64)),
                flags UInt32,
                exemplars Array(Tuple(
                    time_unix_nano UInt64,
                    value Enum8('none' = 0, 'as_double' = 3, 'as_int' = 6),
                    as_double Float64,
                    as_int Int64,
                    span_id String,
                    trace_id String,
                    filtered_attributes Map(String, Tuple(
                        kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                        string_value String,
                        bool_value UInt8,
                        int_value Int64,
                        double_value Float64,
                        array_value_values Array(String),
                        kvlist_value String,
                        bytes_value String)))),
                min Nullable(Float64),
                max Nullable(Float64),
                zero_threshold Float64)),
            aggregation_temporality Int32),
        summary_data_points Array(Tuple(
            start_time_unix_nano UInt64,
            time_unix_nano UInt64,
            count UInt64,
            sum Float64,
            quantile_values Array(Tuple(
                quantile Float64,
                value Float64)),
            attributes Map(String, Tuple(
                kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                string_value String,
                bool_value UInt8,
                int_value Int64,
                double_value Float64,
                array_value_values Array(String),
                kvlist_value String,
                bytes_value String)),
            flags UInt32))))
)
AS SELECT
    frame_tenant,
    tenants,
    request_id,
    body_hash,
    frame_received_at,
    key_id,
    wire_bytes,
    sipHash64(resource_attributes, resource_dropped_attributes_count, resource_schema_url, scope_name, scope_version, scope_attributes, scope_dropped_attributes_count, scope_schema_url) AS origin_id,
    arrayFirst(x -> (x != ''), [tupleElement(resource_attributes['tenant.id'], 'string_value'), default_tenant]) AS resource_tenant,
    tupleElement(resource_attributes['service.name'], 'string_value') AS service_name,
    tupleElement(resource_attributes['service.version'], 'string_value') AS service_version,
    arrayFirst(x -> (x != ''), [tupleElement(resource_attributes['deployment.environment.name'], 'string_value'), tupleElement(resource_attributes['deployment.environment'], 'string_value')]) AS environment,
    resource_attributes,
    resource_dropped_attributes_count,
    resource_schema_url,
    scope_name,
    scope_version,
    scope_attributes,
    scope_dropped_attributes_count,
    scope_schema_url,
    metrics
FROM
(
    SELECT
        frame_tenant,
        tenants,
        request_id,
        body_hash,
        frame_received_at,
        key_id,
        wire_bytes,
        default_tenant,
        resource_attributes,
        resource_dropped_attributes_count,
        resource_schema_url,
        tupleElement(tupleElement(part, 'scope'), 'name') AS scope_name,
        tupleElement(tupleElement(part, 'scope'), 'version') AS scope_version,
        tupleElement(tupleElement(part, 'scope'), 'attributes') AS scope_attributes,
        tupleElement(tupleElement(part, 'scope'), 'dropped_attributes_count') AS scope_dropped_attributes_count,
        part.schema_url AS scope_schema_url,
        part.metrics AS metrics
    FROM
    (
        SELECT
            tenant AS frame_tenant,
            tenants,
            request_id,
            body_hash,
            received_at AS frame_received_at,
            key_id,
            wire_bytes,
            default_tenant,
            part.resource.attributes AS resource_attributes,
            part.resource.dropped_attributes_count AS resource_dropped_attributes_count,
            part.schema_url AS resource_schema_url,
            part.scope_metrics AS parts
        FROM otlp_metrics_in
        ARRAY JOIN request_resource_metrics AS part
    )
    ARRAY JOIN parts AS part
);

CREATE TABLE otlp_metrics_in
(
    `tenant` String,
    `tenants` Array(String),
    `request_id` String,
    `body_hash` String,
    `received_at` UInt64,
    `key_id` String,
    `wire_bytes` UInt32,
    `items` UInt32,
    `default_tenant` String,
    `request_resource_metrics` Array(Tuple(
        resource Tuple(
            attributes Map(String, Tuple(
                kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                string_value String,
                bool_value UInt8,
                int_value Int64,
                double_value Float64,
                array_value_values Array(String),
                kvlist_value String,
                bytes_value String)),
            dropped_attributes_count UInt32),
        scope_metrics Array(Tuple(
            scope Tuple(
                name String,
                version String,
                attributes Map(String, Tuple(
                    kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                    string_value String,
                    bool_value UInt8,
                    int_value Int64,
                    double_value Float64,
                    array_value_values Array(String),
                    kvlist_value String,
                    bytes_value String)),
                dropped_attributes_count UInt32),
            metrics Array(Tuple(
                name String,
                description String,
                unit String,
                gauge_data_points Array(Tuple(
                    start_time_unix_nano UInt64,
                    time_unix_nano UInt64,
                    value Enum8('none' = 0, 'as_double' = 4, 'as_int' = 6),
                    as_double Float64,
                    as_int Int64,
                    exemplars Array(Tuple(
                        time_unix_nano UInt64,
                        value Enum8('none' = 0, 'as_double' = 3, 'as_int' = 6),
                        as_double Float64,
                        as_int Int64,
                        span_id String,
                        trace_id String,
                        filtered_attributes Map(String, Tuple(
                            kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                            string_value String,
                            bool_value UInt8,
                            int_value Int64,
                            double_value Float64,
                            array_value_values Array(String),
                            kvlist_value String,
                            bytes_value String)))),
                    attributes Map(String, Tuple(
                        kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                        string_value String,
                        bool_value UInt8,
                        int_value Int64,
                        double_value Float64,
                        array_value_values Array(String),
                        kvlist_value String,
                        bytes_value String)),
                    flags UInt32)),
                sum Tuple(
                    data_points Array(Tuple(
                        start_time_unix_nano UInt64,
                        time_unix_nano UInt64,
                        value Enum8('none' = 0, 'as_double' = 4, 'as_int' = 6),
                        as_double Float64,
                        as_int Int64,
                        exemplars Array(Tuple(
                            time_unix_nano UInt64,
                            value Enum8('none' = 0, 'as_double' = 3, 'as_int' = 6),
                            as_double Float64,
                            as_int Int64,
                            span_id String,
                            trace_id String,
                            filtered_attributes Map(String, Tuple(
                                kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                                string_value String,
                                bool_value UInt8,
                                int_value Int64,
                                double_value Float64,
                                array_value_values Array(String),
                                kvlist_value String,
                                bytes_value String)))),
                        attributes Map(String, Tuple(
                            kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                            string_value String,
                            bool_value UInt8,
                            int_value Int64,
                            double_value Float64,
                            array_value_values Array(String),
                            kvlist_value String,
                            bytes_value String)),
                        flags UInt32)),
                    aggregation_temporality Int32,
                    is_monotonic UInt8),
                histogram Tuple(
                    data_points Array(Tuple(
                        start_time_unix_nano UInt64,
                        time_unix_nano UInt64,
                        count UInt64,
                        sum Nullable(Float64),
                        bucket_counts Array(UInt64),
                        explicit_bounds Array(Float64),
                        exemplars Array(Tuple(
                            time_unix_nano UInt64,
                            value Enum8('none' = 0, 'as_double' = 3, 'as_int' = 6),
                            as_double Float64,
                            as_int Int64,
                            span_id String,
                            trace_id String,
                            filtered_attributes Map(String, Tuple(
                                kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                                string_value String,
                                bool_value UInt8,
                                int_value Int64,
                                double_value Float64,
                                array_value_values Array(String),
                                kvlist_value String,
                                bytes_value String)))),
                        attributes Map(String, Tuple(
                            kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                            string_value String,
                            bool_value UInt8,
                            int_value Int64,
                            double_value Float64,
                            array_value_values Array(String),
                            kvlist_value String,
                            bytes_value String)),
                        flags UInt32,
                        min Nullable(Float64),
                        max Nullable(Float64))),
                    aggregation_temporality Int32),
                exponential_histogram Tuple(
                    data_points Array(Tuple(
                        attributes Map(String, Tuple(
                            kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                            string_value String,
                            bool_value UInt8,
                            int_value Int64,
                            double_value Float64,
                            array_value_values Array(String),
                            kvlist_value String,
                            bytes_value String)),
                        start_time_unix_nano UInt64,
                        time_unix_nano UInt64,
                        count UInt64,
                        sum Nullable(Float64),
                        scale Int32,
                        zero_count UInt64,
                        positive Tuple(
                            offset Int32,
                            bucket_counts Array(UInt64)),
                        negative Tuple(
                            offset Int32,
                            bucket_counts Array(UInt64)),
                        flags UInt32,
                        exemplars Array(Tuple(
                            time_unix_nano UInt64,
                            value Enum8('none' = 0, 'as_double' = 3, 'as_int' = 6),
                            as_double Float64,
                            as_int Int64,
                            span_id String,
                            trace_id String,
                            filtered_attributes Map(String, Tuple(
                                kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                                string_value String,
                                bool_value UInt8,
                                int_value Int64,
                                double_value Float64,
                                array_value_values Array(String),
                                kvlist_value String,
                                bytes_value String)))),
                        min Nullable(Float64),
                        max Nullable(Float64),
                        zero_threshold Float64)),
                    aggregation_temporality Int32),
                summary_data_points Array(Tuple(
                    start_time_unix_nano UInt64,
                    time_unix_nano UInt64,
                    count UInt64,
                    sum Float64,
                    quantile_values Array(Tuple(
                        quantile Float64,
                        value Float64)),
                    attributes Map(String, Tuple(
                        kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                        string_value String,
                        bool_value UInt8,
                        int_value Int64,
                        double_value Float64,
                        array_value_values Array(String),
                        kvlist_value String,
                        bytes_value String)),
                    flags UInt32)))),
            schema_url String)),
        schema_url String))
)
ENGINE = `Null`;

CREATE TABLE otlp_points
(
    `tenant` String,
    `verdict` String,
    `request_id` String,
    `body_hash` String,
    `received_at` DateTime64(9, 'UTC'),
    `key_id` String,
    `wire_bytes` UInt32,
    `origin_id` UInt64,
    `service_name` String,
    `service_version` String,
    `environment` String,
    `metric` String,
    `description` String,
    `metric_unit` String,
    `point` Tuple(
        kind Enum8('gauge' = 1, 'sum' = 2, 'histogram' = 3, 'exponential_histogram' = 4, 'summary' = 5),
        temporality Int32,
        is_monotonic Bool,
        start_time_unix_nano UInt64,
        time_unix_nano UInt64,
        value_double Nullable(Float64),
        value_int Nullable(Int64),
        count UInt64,
        sum Nullable(Float64),
        min Nullable(Float64),
        max Nullable(Float64),
        bucket_counts Array(UInt64),
        explicit_bounds Array(Float64),
        scale Int32,
        zero_count UInt64,
        zero_threshold Float64,
        positive_offset Int32,
        positive_counts Array(UInt64),
        negative_offset Int32,
        negative_counts Array(UInt64),
        quantiles Array(Tuple(
            quantile Float64,
            value Float64)),
        exemplars Array(Tuple(
            time_unix_nano UInt64,
            value Enum8('none' = 0, 'as_double' = 3, 'as_int' = 6),
            as_double Float64,
            as_int Int64,
            span_id String,
            trace_id String,
            filtered_attributes Map(String, Tuple(
                kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                string_value String,
                bool_value UInt8,
                int_value Int64,
                double_value Float64,
                array_value_values Array(String),
                kvlist_value String,
                bytes_value String)))),
        attributes Map(String, Tuple(
            kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
            string_value String,
            bool_value UInt8,
            int_value Int64,
            double_value Float64,
            array_value_values Array(String),
            kvlist_value String,
            bytes_value String)),
        flags UInt32)
)
ENGINE = `Null`;

CREATE MATERIALIZED VIEW otlp_points_view TO otlp_points
(
    `tenant` String,
    `verdict` String,
    `request_id` String,
    `body_hash` String,
    `received_at` DateTime64(9, 'UTC'),
    `key_id` String,
    `wire_bytes` UInt32,
    `origin_id` UInt64,
    `service_name` String,
    `service_version` String,
    `environment` String,
    `metric` String,
    `description` String,
    `metric_unit` String,
    `point` Tuple(
        kind Enum8('gauge' = 1, 'sum' = 2, 'histogram' = 3, 'exponential_histogram' = 4, 'summary' = 5),
        temporality Int32,
        is_monotonic Bool,
        start_time_unix_nano UInt64,
        time_unix_nano UInt64,
        value_double Nullable(Float64),
        value_int Nullable(Int64),
        count UInt64,
        sum Nullable(Float64),
        min Nullable(Float64),
        max Nullable(Float64),
        bucket_counts Array(UInt64),
        explicit_bounds Array(Float64),
        scale Int32,
        zero_count UInt64,
        zero_threshold Float64,
        positive_offset Int32,
        positive_counts Array(UInt64),
        negative_offset Int32,
        negative_counts Array(UInt64),
        quantiles Array(Tuple(
            quantile Float64,
            value Float64)),
        exemplars Array(Tuple(
            time_unix_nano UInt64,
            value Enum8('none' = 0, 'as_double' = 3, 'as_int' = 6),
            as_double Float64,
            as_int Int64,
            span_id String,
            trace_id String,
            filtered_attributes Map(String, Tuple(
                kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                string_value String,
                bool_value UInt8,
                int_value Int64,
                double_value Float64,
                array_value_values Array(String),
                kvlist_value String,
                bytes_value String)))),
        attributes Map(String, Tuple(
            kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
            string_value String,
            bool_value UInt8,
            int_value Int64,
            double_value Float64,
            array_value_values Array(String),
            kvlist_value String,
            bytes_value String)),
        flags UInt32)
)
AS SELECT
    if(tenant_verdict = '', claimed, '') AS tenant,
    multiIf(tenant_verdict != '', tenant_verdict, metric = '', 'metric_name_missing', (time_ns = 0) OR (time_ns > (frame_received_at + 86400000000000)), 'timestamp_out_of_range', '') AS verdict,
    request_id,
    body_hash,
    fromUnixTimestamp64Nano(toInt64(frame_received_at), 'UTC') AS received_at,
    key_id,
    wire_bytes,
    origin_id,
    service_name,
    service_version,
    environment,
    metric,
    description,
    metric_unit,
    point
FROM
(
    SELECT
        frame_tenant,
        tenants,
        request_id,
        body_hash,
        frame_received_at,
        key_id,
        wire_bytes,
        origin_id,
        resource_tenant,
        service_name,
        service_version,
        environment,
        multiIf(frame_tenant != '', frame_tenant, item_tenant != '', item_tenant, resource_tenant) AS claimed,
        multiIf(frame_tenant != '', '', claimed = '', 'tenant_missing', NOT hasAny(tenants, [claimed, '*']), 'tenant_not_allowed', '') AS tenant_verdict,
        metric,
        description,
        metric_unit,
        point,
        point.time_unix_nano AS time_ns
    FROM
    (
        SELECT
            frame_tenant,
            tenants,
            request_id,
            body_hash,
            frame_received_at,
            key_id,
            wire_bytes,
            origin_id,
            resource_tenant,
            service_name,
            service_version,
            environment,
            metric,
            description,
            metric_unit,
            point,
            tupleElement(point.attributes['tenant.id'], 'string_value') AS item_tenant
        FROM
        (
            SELECT
                frame_tenant,
                tenants,
                request_id,
                body_hash,
                frame_received_at,
                key_id,
                wire_bytes,
                origin_id,
                resource_tenant,
                service_name,
                service_version,
                environment,
                m.name AS metric,
                m.description AS description,
                m.unit AS metric_unit,
                arrayConcat(CAST(arrayMap(d -> ('gauge', 0, false, d.start_time_unix_nano, d.time_unix_nano, if(d.value = 'as_double', d.as_double, NULL), if(d.value = 'as_int', d.as_int, NULL), 0, NULL, NULL, NULL, [], [], 0, 0, 0, 0, [], 0, [], [], d.exemplars, d.attributes, d.flags), m.gauge_data_points), 'Array(Tuple(kind Enum8(\'gauge\' = 1, \'sum\' = 2, \'histogram\' = 3, \'exponential_histogram\' = 4, \'summary\' = 5), temporality Int32, is_monotonic Bool, start_time_unix_nano UInt64, time_unix_nano UInt64, value_double Nullable(Float64), value_int Nullable(Int64), count UInt64, sum Nullable(Float64), min Nullable(Float64), max Nullable(Float64), bucket_counts Array(UInt64), explicit_bounds Array(Float64), scale Int32, zero_count UInt64, zero_threshold Float64, positive_offset Int32, positive_counts Array(UInt64), negative_offset Int32, negative_counts Array(UInt64), quantiles Array(Tuple(quantile Float64, value Float64)), exemplars Array(Tuple(time_unix_nano UInt64, value Enum8(\'none\' = 0, \'as_double\' = 3, \'as_int\' = 6), as_double Float64, as_int Int64, span_id String, trace_id String, filtered_attributes Map(String, Tuple(kind Enum8(\'none\' = 0, \'string\' = 1, \'bool\' = 2, \'int\' = 3, \'double\' = 4, \'array\' = 5, \'kvlist\' = 6, \'bytes\' = 7), string_value String, bool_value UInt8, int_value Int64, double_value Float64, array_value_values Array(String), kvlist_value String, bytes_value String)))), attributes Map(String, Tuple(kind Enum8(\'none\' = 0, \'string\' = 1, \'bool\' = 2, \'int\' = 3, \'double\' = 4, \'array\' = 5, \'kvlist\' = 6, \'bytes\' = 7), string_value String, bool_value UInt8, int_value Int64, double_value Float64, array_value_values Array(String), kvlist_value String, bytes_value String)), flags UInt32))'), CAST(arrayMap(d -> ('sum', m.sum.aggregation_temporality, m.sum.is_monotonic, d.start_time_unix_nano, d.time_unix_nano, if(d.value = 'as_double', d.as_double, NULL), if(d.value = 'as_int', d.as_int, NULL), 0, NULL, NULL, NULL, [], [], 0, 0, 0, 0, [], 0, [], [], d.exemplars, d.attributes, d.flags), m.sum.data_points), 'Array(Tuple(kind Enum8(\'gauge\' = 1, \'sum\' = 2, \'histogram\' = 3, \'exponential_histogram\' = 4, \'summary\' = 5), temporality Int32, is_monotonic Bool, start_time_unix_nano UInt64, time_unix_nano UInt64, value_double Nullable(Float64), value_int Nullable(Int64), count UInt64, sum Nullable(Float64), min Nullable(Float64), max Nullable(Float64), bucket_counts Array(UInt64), explicit_bounds Array(Float64), scale Int32, zero_count UInt64, zero_threshold Float64, positive_offset Int32, positive_counts Array(UInt64), negative_offset Int32, negative_counts Array(UInt64), quantiles Array(Tuple(quantile Float64, value Float64)), exemplars Array(Tuple(time_unix_nano UInt64, value Enum8(\'none\' = 0, \'as_double\' = 3, \'as_int\' = 6), as_double Float64, as_int Int64, span_id String, trace_id String, filtered_attributes Map(String, Tuple(kind Enum8(\'none\' = 0, \'string\' = 1, \'bool\' = 2, \'int\' = 3, \'double\' = 4, \'array\' = 5, \'kvlist\' = 6, \'bytes\' = 7), string_value String, bool_value UInt8, int_value Int64, double_value Float64, array_value_values Array(String), kvlist_value String, bytes_value String)))), attributes Map(String, Tuple(kind Enum8(\'none\' = 0, \'string\' = 1, \'bool\' = 2, \'int\' = 3, \'double\' = 4, \'array\' = 5, \'kvlist\' = 6, \'bytes\' = 7), string_value String, bool_value UInt8, int_value Int64, double_value Float64, array_value_values Array(String), kvlist_value String, bytes_value String)), flags UInt32))'), CAST(arrayMap(d -> ('histogram', m.histogram.aggregation_temporality, false, d.start_time_unix_nano, d.time_unix_nano, NULL, NULL, d.count, d.sum, d.min, d.max, d.bucket_counts, d.explicit_bounds, 0, 0, 0, 0, [], 0, [], [], d.exemplars, d.attributes, d.flags), m.histogram.data_points), 'Array(Tuple(kind Enum8(\'gauge\' = 1, \'sum\' = 2, \'histogram\' = 3, \'exponential_histogram\' = 4, \'summary\' = 5), temporality Int32, is_monotonic Bool, start_time_unix_nano UInt64, time_unix_nano UInt64, value_double Nullable(Float64), value_int Nullable(Int64), count UInt64, sum Nullable(Float64), min Nullable(Float64), max Nullable(Float64), bucket_counts Array(UInt64), explicit_bounds Array(Float64), scale Int32, zero_count UInt64, zero_threshold Float64, positive_offset Int32, positive_counts Array(UInt64), negative_offset Int32, negative_counts Array(UInt64), quantiles Array(Tuple(quantile Float64, value Float64)), exemplars Array(Tuple(time_unix_nano UInt64, value Enum8(\'none\' = 0, \'as_double\' = 3, \'as_int\' = 6), as_double Float64, as_int Int64, span_id String, trace_id String, filtered_attributes Map(String, Tuple(kind Enum8(\'none\' = 0, \'string\' = 1, \'bool\' = 2, \'int\' = 3, \'double\' = 4, \'array\' = 5, \'kvlist\' = 6, \'bytes\' = 7), string_value String, bool_value UInt8, int_value Int64, double_value Float64, array_value_values Array(String), kvlist_value String, bytes_value String)))), attributes Map(String, Tuple(kind Enum8(\'none\' = 0, \'string\' = 1, \'bool\' = 2, \'int\' = 3, \'double\' = 4, \'array\' = 5, \'kvlist\' = 6, \'bytes\' = 7), string_value String, bool_value UInt8, int_value Int64, double_value Float64, array_value_values Array(String), kvlist_value String, bytes_value String)), flags UInt32))'), CAST(arrayMap(d -> ('exponential_histogram', m.exponential_histogram.aggregation_temporality, false, d.start_time_unix_nano, d.time_unix_nano, NULL, NULL, d.count, d.sum, d.min, d.max, [], [], d.scale, d.zero_count, d.zero_threshold, d.positive.offset, d.positive.bucket_counts, d.negative.offset, d.negative.bucket_counts, [], d.exemplars, d.attributes, d.flags), m.exponential_histogram.data_points), 'Array(Tuple(kind Enum8(\'gauge\' = 1, \'sum\' = 2, \'histogram\' = 3, \'exponential_histogram\' = 4, \'summary\' = 5), temporality Int32, is_monotonic Bool, start_time_unix_nano UInt64, time_unix_nano UInt64, value_double Nullable(Float64), value_int Nullable(Int64), count UInt64, sum Nullable(Float64), min Nullable(Float64), max Nullable(Float64), bucket_counts Array(UInt64), explicit_bounds Array(Float64), scale Int32, zero_count UInt64, zero_threshold Float64, positive_offset Int32, positive_counts Array(UInt64), negative_offset Int32, negative_counts Array(UInt64), quantiles Array(Tuple(quantile Float64, value Float64)), exemplars Array(Tuple(time_unix_nano UInt64, value Enum8(\'none\' = 0, \'as_double\' = 3, \'as_int\' = 6), as_double Float64, as_int Int64, span_id String, trace_id String, filtered_attributes Map(String, Tuple(kind Enum8(\'none\' = 0, \'string\' = 1, \'bool\' = 2, \'int\' = 3, \'double\' = 4, \'array\' = 5, \'kvlist\' = 6, \'bytes\' = 7), string_value String, bool_value UInt8, int_value Int64, double_value Float64, array_value_values Array(String), kvlist_value String, bytes_value String)))), attributes Map(String, Tuple(kind Enum8(\'none\' = 0, \'string\' = 1, \'bool\' = 2, \'int\' = 3, \'double\' = 4, \'array\' = 5, \'kvlist\' = 6, \'bytes\' = 7), string_value String, bool_value UInt8, int_value Int64, double_value Float64, array_value_values Array(String), kvlist_value String, bytes_value String)), flags UInt32))'), CAST(arrayMap(d -> ('summary', 0, false, d.start_time_unix_nano, d.time_unix_nano, NULL, NULL, d.count, d.sum, NULL, NULL, [], [], 0, 0, 0, 0, [], 0, [], d.quantile_values, [], d.attributes, d.flags), m.summary_data_points), 'Array(Tuple(kind Enum8(\'gauge\' = 1, \'sum\' = 2, \'histogram\' = 3, \'exponential_histogram\' = 4, \'summary\' = 5), temporality Int32, is_monotonic Bool, start_time_unix_nano UInt64, time_unix_nano UInt64, value_double Nullable(Float64), value_int Nullable(Int64), count UInt64, sum Nullable(Float64), min Nullable(Float64), max Nullable(Float64), bucket_counts Array(UInt64), explicit_bounds Array(Float64), scale Int32, zero_count UInt64, zero_threshold Float64, positive_offset Int32, positive_counts Array(UInt64), negative_offset Int32, negative_counts Array(UInt64), quantiles Array(Tuple(quantile Float64, value Float64)), exemplars Array(Tuple(time_unix_nano UInt64, value Enum8(\'none\' = 0, \'as_double\' = 3, \'as_int\' = 6), as_double Float64, as_int Int64, span_id String, trace_id String, filtered_attributes Map(String, Tuple(kind Enum8(\'none\' = 0, \'string\' = 1, \'bool\' = 2, \'int\' = 3, \'double\' = 4, \'array\' = 5, \'kvlist\' = 6, \'bytes\' = 7), string_value String, bool_value UInt8, int_value Int64, double_value Float64, array_value_values Array(String), kvlist_value String, bytes_value String)))), attributes Map(String, Tuple(kind Enum8(\'none\' = 0, \'string\' = 1, \'bool\' = 2, \'int\' = 3, \'double\' = 4, \'array\' = 5, \'kvlist\' = 6, \'bytes\' = 7), string_value String, bool_value UInt8, int_value Int64, double_value Float64, array_value_values Array(String), kvlist_value String, bytes_value String)), flags UInt32))')) AS points
            FROM otlp_metric_scopes
            ARRAY JOIN metrics AS m
        )
        ARRAY JOIN points AS point
    )
);

CREATE TABLE otlp_spans
(
    `tenant` String,
    `verdict` String,
    `request_id` String,
    `body_hash` String,
    `received_at` DateTime64(9, 'UTC'),
    `key_id` String,
    `wire_bytes` UInt32,
    `origin_id` UInt64,
    `service_name` String,
    `service_version` String,
    `environment` String,
    `start_time` DateTime64(9, 'UTC'),
    `duration_ns` UInt64,
    `is_decision` UInt8,
    `is_usage` UInt8,
    `span` Tuple(
        trace_id String,
        span_id String,
        trace_state String,
        parent_span_id String,
        name String,
        kind Int32,
        start_time_unix_nano UInt64,
        end_time_unix_nano UInt64,
        attributes Map(String, Tuple(
            kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
            string_value String,
            bool_value UInt8,
            int_value Int64,
            double_value Float64,
            array_value_values Array(String),
            kvlist_value String,
            bytes_value String)),
        dropped_attributes_count UInt32,
        events Array(Tuple(
            time_unix_nano UInt64,
            name String,
            attributes Map(String, Tuple(
                kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                string_value String,
                bool_value UInt8,
                int_value Int64,
                double_value Float64,
                array_value_values Array(String),
                kvlist_value String,
                bytes_value String)),
            dropped_attributes_count UInt32)),
        dropped_events_count UInt32,
        links Array(Tuple(
            trace_id String,
            span_id String,
            trace_state String,
            attributes Map(String, Tuple(
                kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                string_value String,
                bool_value UInt8,
                int_value Int64,
                double_value Float64,
                array_value_values Array(String),
                kvlist_value String,
                bytes_value String)),
            dropped_attributes_count UInt32,
            flags UInt32)),
        dropped_links_count UInt32,
        status Tuple(
            message String,
            code Int32),
        flags UInt32)
)
ENGINE = `Null`;

CREATE MATERIALIZED VIEW otlp_spans_view TO otlp_spans
(
    `tenant` String,
    `verdict` String,
    `request_id` String,
    `body_hash` String,
    `received_at` DateTime64(9, 'UTC'),
    `key_id` String,
    `wire_bytes` UInt32,
    `origin_id` UInt64,
    `service_name` String,
    `service_version` String,
    `environment` String,
    `start_time` DateTime64(9, 'UTC'),
    `duration_ns` Int64,
    `is_decision` UInt8,
    `is_usage` UInt8,
    `span` Tuple(
        trace_id String,
        span_id String,
        trace_state String,
        parent_span_id String,
        name String,
        kind Int32,
        start_time_unix_nano UInt64,
        end_time_unix_nano UInt64,
        attributes Map(String, Tuple(
            kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
            string_value String,
            bool_value UInt8,
            int_value Int64,
            double_value Float64,
            array_value_values Array(String),
            kvlist_value String,
            bytes_value String)),
        dropped_attributes_count UInt32,
        events Array(Tuple(
            time_unix_nano UInt64,
            name String,
            attributes Map(String, Tuple(
                kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                string_value String,
                bool_value UInt8,
                int_value Int64,
                double_value Float64,
                array_value_values Array(String),
                kvlist_value String,
                bytes_value String)),
            dropped_attributes_count UInt32)),
        dropped_events_count UInt32,
        links Array(Tuple(
            trace_id String,
            span_id String,
            trace_state String,
            attributes Map(String, Tuple(
                kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                string_value String,
                bool_value UInt8,
                int_value Int64,
                double_value Float64,
                array_value_values Array(String),
                kvlist_value String,
                bytes_value String)),
            dropped_attributes_count UInt32,
            flags UInt32)),
        dropped_links_count UInt32,
        status Tuple(
            message String,
            code Int32),
        flags UInt32)
)
AS SELECT
    if(tenant_verdict = '', claimed, '') AS tenant,
    multiIf(tenant_verdict != '', tenant_verdict, (length(span.trace_id) != 16) OR (span.trace_id = repeat('\0', 16)), 'invalid_trace_id', (length(span.span_id) != 8) OR (span.span_id = repeat('\0', 8)), 'invalid_span_id', (length(span.parent_span_id) NOT IN (0, 8)), 'invalid_parent_span_id', (start_ns = 0) OR (start_ns > (frame_received_at + 86400000000000)), 'timestamp_out_of_range', '') AS verdict,
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
FROM
(
    SELECT
        frame_tenant,
        tenants,
        request_id,
        body_hash,
        frame_received_at,
        key_id,
        wire_bytes,
        origin_id,
        resource_tenant,
        service_name,
        service_version,
        environment,
        multiIf(frame_tenant != '', frame_tenant, item_tenant != '', item_tenant, resource_tenant) AS claimed,
        multiIf(frame_tenant != '', '', claimed = '', 'tenant_missing', NOT hasAny(tenants, [claimed, '*']), 'tenant_not_allowed', '') AS tenant_verdict,
        span,
        span.start_time_unix_nano AS start_ns,
        least(span.end_time_unix_nano, 4102444800000000000) AS end_ns,
        arrayStringConcat(mapKeys(span.attributes), ' ') AS keys
    FROM
    (
        SELECT
            frame_tenant,
            tenants,
            request_id,
            body_hash,
            frame_received_at,
            key_id,
            wire_bytes,
            origin_id,
            resource_tenant,
            service_name,
            service_version,
            environment,
            span,
            tupleElement(span.attributes['tenant.id'], 'string_value') AS item_tenant
        FROM otlp_trace_scopes
        ARRAY JOIN spans AS span
    )
);

CREATE TABLE otlp_trace_scopes
(
    `frame_tenant` String,
    `tenants` Array(String),
    `request_id` String,
    `body_hash` String,
    `frame_received_at` UInt64,
    `key_id` String,
    `wire_bytes` UInt32,
    `origin_id` UInt64,
    `resource_tenant` String,
    `service_name` String,
    `service_version` String,
    `environment` String,
    `resource_attributes` Map(String, Tuple(
        kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
        string_value String,
        bool_value UInt8,
        int_value Int64,
        double_value Float64,
        array_value_values Array(String),
        kvlist_value String,
        bytes_value String)),
    `resource_dropped_attributes_count` UInt32,
    `resource_schema_url` String,
    `scope_name` String,
    `scope_version` String,
    `scope_attributes` Map(String, Tuple(
        kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
        string_value String,
        bool_value UInt8,
        int_value Int64,
        double_value Float64,
        array_value_values Array(String),
        kvlist_value String,
        bytes_value String)),
    `scope_dropped_attributes_count` UInt32,
    `scope_schema_url` String,
    `spans` Array(Tuple(
        trace_id String,
        span_id String,
        trace_state String,
        parent_span_id String,
        name String,
        kind Int32,
        start_time_unix_nano UInt64,
        end_time_unix_nano UInt64,
        attributes Map(String, Tuple(
            kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
            string_value String,
            bool_value UInt8,
            int_value Int64,
            double_value Float64,
            array_value_values Array(String),
            kvlist_value String,
            bytes_value String)),
        dropped_attributes_count UInt32,
        events Array(Tuple(
            time_unix_nano UInt64,
            name String,
            attributes Map(String, Tuple(
                kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                string_value String,
                bool_value UInt8,
                int_value Int64,
                double_value Float64,
                array_value_values Array(String),
                kvlist_value String,
                bytes_value String)),
            dropped_attributes_count UInt32)),
        dropped_events_count UInt32,
        links Array(Tuple(
            trace_id String,
            span_id String,
            trace_state String,
            attributes Map(String, Tuple(
                kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                string_value String,
                bool_value UInt8,
                int_value Int64,
                double_value Float64,
                array_value_values Array(String),
                kvlist_value String,
                bytes_value String)),
            dropped_attributes_count UInt32,
            flags UInt32)),
        dropped_links_count UInt32,
        status Tuple(
            message String,
            code Int32),
        flags UInt32))
)
ENGINE = `Null`;

CREATE MATERIALIZED VIEW otlp_trace_scopes_view TO otlp_trace_scopes
(
    `frame_tenant` String,
    `tenants` Array(String),
    `request_id` String,
    `body_hash` String,
    `frame_received_at` UInt64,
    `key_id` String,
    `wire_bytes` UInt32,
    `origin_id` UInt64,
    `resource_tenant` String,
    `service_name` String,
    `service_version` String,
    `environment` String,
    `resource_attributes` Map(String, Tuple(
        kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
        string_value String,
        bool_value UInt8,
        int_value Int64,
        double_value Float64,
        array_value_values Array(String),
        kvlist_value String,
        bytes_value String)),
    `resource_dropped_attributes_count` UInt32,
    `resource_schema_url` String,
    `scope_name` String,
    `scope_version` String,
    `scope_attributes` Map(String, Tuple(
        kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
        string_value String,
        bool_value UInt8,
        int_value Int64,
        double_value Float64,
        array_value_values Array(String),
        kvlist_value String,
        bytes_value String)),
    `scope_dropped_attributes_count` UInt32,
    `scope_schema_url` String,
    `spans` Array(Tuple(
        trace_id String,
        span_id String,
        trace_state String,
        parent_span_id String,
        name String,
        kind Int32,
        start_time_unix_nano UInt64,
        end_time_unix_nano UInt64,
        attributes Map(String, Tuple(
            kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
            string_value String,
            bool_value UInt8,
            int_value Int64,
            double_value Float64,
            array_value_values Array(String),
            kvlist_value String,
            bytes_value String)),
        dropped_attributes_count UInt32,
        events Array(Tuple(
            time_unix_nano UInt64,
            name String,
            attributes Map(String, Tuple(
                kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                string_value String,
                bool_value UInt8,
                int_value Int64,
                double_value Float64,
                array_value_values Array(String),
                kvlist_value String,
                bytes_value String)),
            dropped_attributes_count UInt32)),
        dropped_events_count UInt32,
        links Array(Tuple(
            trace_id String,
            span_id String,
            trace_state String,
            attributes Map(String, Tuple(
                kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                string_value String,
                bool_value UInt8,
                int_value Int64,
                double_value Float64,
                array_value_values Array(String),
                kvlist_value String,
                bytes_value String)),
            dropped_attributes_count UInt32,
            flags UInt32)),
        dropped_links_count UInt32,
        status Tuple(
            message String,
            code Int32),
        flags UInt32))
)
AS SELECT
    frame_tenant,
    tenants,
    request_id,
    body_hash,
    frame_received_at,
    key_id,
    wire_bytes,
    sipHash64(resource_attributes, resource_dropped_attributes_count, resource_schema_url, scope_name, scope_version, scope_attributes, scope_dropped_attributes_count, scope_schema_url) AS origin_id,
    arrayFirst(x -> (x != ''), [tupleElement(resource_attributes['tenant.id'], 'string_value'), default_tenant]) AS resource_tenant,
    tupleElement(resource_attributes['service.name'], 'string_value') AS service_name,
    tupleElement(resource_attributes['service.version'], 'string_value') AS service_version,
    arrayFirst(x -> (x != ''), [tupleElement(resource_attributes['deployment.environment.name'], 'string_value'), tupleElement(resource_attributes['deployment.environment'], 'string_value')]) AS environment,
    resource_attributes,
    resource_dropped_attributes_count,
    resource_schema_url,
    scope_name,
    scope_version,
    scope_attributes,
    scope_dropped_attributes_count,
    scope_schema_url,
    spans
FROM
(
    SELECT
        frame_tenant,
        tenants,
        request_id,
        body_hash,
        frame_received_at,
        key_id,
        wire_bytes,
        default_tenant,
        resource_attributes,
        resource_dropped_attributes_count,
        resource_schema_url,
        tupleElement(tupleElement(part, 'scope'), 'name') AS scope_name,
        tupleElement(tupleElement(part, 'scope'), 'version') AS scope_version,
        tupleElement(tupleElement(part, 'scope'), 'attributes') AS scope_attributes,
        tupleElement(tupleElement(part, 'scope'), 'dropped_attributes_count') AS scope_dropped_attributes_count,
        part.schema_url AS scope_schema_url,
        part.spans AS spans
    FROM
    (
        SELECT
            tenant AS frame_tenant,
            tenants,
            request_id,
            body_hash,
            received_at AS frame_received_at,
            key_id,
            wire_bytes,
            default_tenant,
            part.resource.attributes AS resource_attributes,
            part.resource.dropped_attributes_count AS resource_dropped_attributes_count,
            part.schema_url AS resource_schema_url,
            part.scope_spans AS parts
        FROM otlp_traces_in
        ARRAY JOIN request_resource_spans AS part
    )
    ARRAY JOIN parts AS part
);

CREATE TABLE otlp_traces_in
(
    `tenant` String,
    `tenants` Array(String),
    `request_id` String,
    `body_hash` String,
    `received_at` UInt64,
    `key_id` String,
    `wire_bytes` UInt32,
    `items` UInt32,
    `default_tenant` String,
    `request_resource_spans` Array(Tuple(
        resource Tuple(
            attributes Map(String, Tuple(
                kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                string_value String,
                bool_value UInt8,
                int_value Int64,
                double_value Float64,
                array_value_values Array(String),
                kvlist_value String,
                bytes_value String)),
            dropped_attributes_count UInt32),
        scope_spans Array(Tuple(
            scope Tuple(
                name String,
                version String,
                attributes Map(String, Tuple(
                    kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                    string_value String,
                    bool_value UInt8,
                    int_value Int64,
                    double_value Float64,
                    array_value_values Array(String),
                    kvlist_value String,
                    bytes_value String)),
                dropped_attributes_count UInt32),
            spans Array(Tuple(
                trace_id String,
                span_id String,
                trace_state String,
                parent_span_id String,
                name String,
                kind Int32,
                start_time_unix_nano UInt64,
                end_time_unix_nano UInt64,
                attributes Map(String, Tuple(
                    kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                    string_value String,
                    bool_value UInt8,
                    int_value Int64,
                    double_value Float64,
                    array_value_values Array(String),
                    kvlist_value String,
                    bytes_value String)),
                dropped_attributes_count UInt32,
                events Array(Tuple(
                    time_unix_nano UInt64,
                    name String,
                    attributes Map(String, Tuple(
                        kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                        string_value String,
                        bool_value UInt8,
                        int_value Int64,
                        double_value Float64,
                        array_value_values Array(String),
                        kvlist_value String,
                        bytes_value String)),
                    dropped_attributes_count UInt32)),
                dropped_events_count UInt32,
                links Array(Tuple(
                    trace_id String,
                    span_id String,
                    trace_state String,
                    attributes Map(String, Tuple(
                        kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
                        string_value String,
                        bool_value UInt8,
                        int_value Int64,
                        double_value Float64,
                        array_value_values Array(String),
                        kvlist_value String,
                        bytes_value String)),
                    dropped_attributes_count UInt32,
                    flags UInt32)),
                dropped_links_count UInt32,
                status Tuple(
                    message String,
                    code Int32),
                flags UInt32)),
            schema_url String)),
        schema_url String))
)
ENGINE = `Null`;

CREATE VIEW price_book_now
(
    `book_version` UInt64
)
AS SELECT max(book_version) AS book_version
FROM price_books;

CREATE TABLE price_books
(
    `book_version` UInt64,
    `published_at` DateTime64(9, 'UTC'),
    `points` UInt64,
    `change_id` String,
    `actor` String,
    `approver` String,
    `reason` String
)
ENGINE = MergeTree
ORDER BY book_version
SETTINGS index_granularity = 8192;

CREATE TABLE price_points
(
    `book_version` UInt64,
    `tenant` String,
    `provider` String,
    `model` String,
    `meter` String,
    `service_tier` String,
    `valid_from` DateTime64(9, 'UTC'),
    `valid_to` DateTime64(9, 'UTC'),
    `currency` String,
    `above` Array(UInt64),
    `amounts` Array(Decimal(38, 18)),
    `list_amounts` Array(Decimal(38, 18)),
    `price_ids` Array(String),
    `rules` Array(String)
)
ENGINE = MergeTree
PARTITION BY book_version
ORDER BY (tenant, provider, model, meter, service_tier, valid_from)
SETTINGS index_granularity = 8192;

CREATE DICTIONARY price_points_dictionary
(
    `tenant` String,
    `provider` String,
    `model` String,
    `meter` String,
    `service_tier` String,
    `valid_from` DateTime64(9, 'UTC'),
    `valid_to` DateTime64(9, 'UTC'),
    `currency` String,
    `above` Array(UInt64),
    `amounts` Array(Decimal(38, 18)),
    `list_amounts` Array(Decimal(38, 18)),
    `price_ids` Array(String),
    `rules` Array(String)
)
PRIMARY KEY tenant, provider, model, meter, service_tier
SOURCE(CLICKHOUSE(TABLE 'price_points_now'))
LIFETIME(MIN 15 MAX 30)
LAYOUT(COMPLEX_KEY_RANGE_HASHED(RANGE_LOOKUP_STRATEGY 'max'))
RANGE(MIN valid_from MAX valid_to);

CREATE VIEW price_points_now
(
    `tenant` String,
    `provider` String,
    `model` String,
    `meter` String,
    `service_tier` String,
    `valid_from` DateTime64(9, 'UTC'),
    `valid_to` DateTime64(9, 'UTC'),
    `currency` String,
    `above` Array(UInt64),
    `amounts` Array(Decimal(38, 18)),
    `list_amounts` Array(Decimal(38, 18)),
    `price_ids` Array(String),
    `rules` Array(String)
)
AS SELECT
    tenant,
    provider,
    model,
    meter,
    service_tier,
    valid_from,
    valid_to,
    currency,
    above,
    amounts,
    list_amounts,
    price_ids,
    rules
FROM price_points
WHERE book_version = (
    SELECT max(book_version)
    FROM price_books
);

CREATE TABLE price_restatements
(
    `book_version` UInt64,
    `final` Bool,
    `finished_at` DateTime64(9, 'UTC'),
    `late_prices` UInt64,
    `corrections` UInt64,
    `cost_changes` Map(String, Decimal(38, 18))
)
ENGINE = MergeTree
ORDER BY (book_version, finished_at)
SETTINGS index_granularity = 8192;

CREATE TABLE prices
(
    `tenant` LowCardinality(String),
    `provider` LowCardinality(String),
    `model` String,
    `meter` LowCardinality(String),
    `service_tier` LowCardinality(String),
    `above` UInt64,
    `valid_from` DateTime64(9, 'UTC'),
    `valid_to` DateTime64(9, 'UTC'),
    `recorded_at` DateTime64(9, 'UTC'),
    `price_id` String,
    `change_id` String,
    `kind` Enum8('price' = 1, 'factor' = 2, 'withdrawn' = 3),
    `amount` Decimal(38, 18),
    `currency` LowCardinality(String),
    `unit` LowCardinality(String),
    `source` LowCardinality(String),
    `source_url` String,
    `actor` String,
    `approver` String,
    `reason` String
)
ENGINE = MergeTree
ORDER BY (tenant, provider, model, meter, service_tier, above, valid_from, recorded_at)
SETTINGS index_granularity = 8192;

CREATE TABLE quarantine
(
    `tenant` LowCardinality(String),
    `received_at` DateTime64(9, 'UTC'),
    `request_id` String,
    `signal` Enum8('traces' = 1, 'metrics' = 2, 'logs' = 3),
    `key_id` LowCardinality(String),
    `items` UInt64,
    `error` String,
    `body_hash` String,
    `body` String CODEC(ZSTD(3))
)
ENGINE = MergeTree
PARTITION BY toDate(received_at)
ORDER BY (tenant, received_at, request_id)
TTL toDateTime(received_at) + toIntervalDay(30)
SETTINGS ttl_only_drop_parts = 1, index_granularity = 8192;

CREATE TABLE records
(
    `tenant` LowCardinality(String),
    `kind` LowCardinality(String),
    `id` String,
    `version` UInt64,
    `op` Enum8('put' = 1, 'delete' = 2),
    `body` String CODEC(ZSTD(1)),
    `actor` String,
    `reason` String,
    `valid_from` DateTime64(9, 'UTC'),
    `recorded_at` DateTime64(9, 'UTC')
)
ENGINE = MergeTree
ORDER BY (tenant, kind, id, version, recorded_at)
SETTINGS index_granularity = 8192;

CREATE TABLE reference_counts
(
    `tenant` LowCardinality(String),
    `reference_id` String,
    `version` UInt32,
    `feature` LowCardinality(String),
    `dimension` LowCardinality(String),
    `value` String,
    `codes` Array(UInt8),
    `counts` Array(UInt64),
    `numbers` UInt64,
    `mean` Float64,
    `squares` Float64,
    `least` Float64,
    `greatest` Float64,
    `created_at` DateTime64(9, 'UTC')
)
ENGINE = ReplacingMergeTree(created_at)
ORDER BY (tenant, reference_id, version, feature, dimension, value)
SETTINGS index_granularity = 8192;

CREATE TABLE reference_features
(
    `tenant` LowCardinality(String),
    `reference_id` String,
    `version` UInt32,
    `feature` LowCardinality(String),
    `kind` Enum8('number' = 1, 'text' = 2),
    `edges` Array(Float64),
    `categories` Array(String),
    `created_at` DateTime64(9, 'UTC')
)
ENGINE = ReplacingMergeTree(created_at)
ORDER BY (tenant, reference_id, version, feature)
SETTINGS index_granularity = 8192;

CREATE TABLE schema_migrations
(
    `version` UInt32,
    `name` String,
    `direction` Enum8('up' = 1, 'down' = 2),
    `sha256` FixedString(64),
    `statements` UInt32,
    `owner` String,
    `applied_at` DateTime64(9, 'UTC')
)
ENGINE = MergeTree
ORDER BY (version, applied_at)
SETTINGS index_granularity = 8192;

CREATE TABLE signals
(
    `tenant` LowCardinality(String),
    `time` DateTime64(9, 'UTC') CODEC(Delta(8), LZ4),
    `kind` LowCardinality(String),
    `subject` String,
    `value` Float64,
    `threshold` Float64,
    `link` String,
    `severity` Enum8('info' = 1, 'warning' = 2, 'critical' = 3),
    `body` String CODEC(ZSTD(1)),
    `recorded_at` DateTime64(9, 'UTC') CODEC(Delta(8), LZ4)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (tenant, time, kind, subject)
TTL toDateTime(time) + toIntervalDay(400)
SETTINGS ttl_only_drop_parts = 1, index_granularity = 8192;

CREATE MATERIALIZED VIEW span_charges_view TO charges
(
    `tenant` String,
    `time` DateTime64(9, 'UTC'),
    `trace_id` FixedString(16),
    `span_id` FixedString(8),
    `meter` String,
    `entry` String,
    `kind` String,
    `state` String,
    `state_reason` String,
    `unit` String,
    `quantity` Decimal(38, 9),
    `unpriced` UInt8,
    `events` UInt8,
    `service_tier` String,
    `context_tokens` UInt64,
    `price_id` String,
    `price_rule` String,
    `amount` Decimal(38, 18),
    `currency` String,
    `cost` Decimal(38, 18),
    `list_cost` Decimal(38, 18),
    `provider` String,
    `model` String,
    `operation` String,
    `service_name` String,
    `environment` String,
    `project` String,
    `user` String,
    `product_feature` String,
    `connector` String,
    `prompt_name` String,
    `prompt_version` String,
    `response_hash` UInt64,
    `reported` String,
    `aggregate` UInt8,
    `retry` UInt8,
    `origin_id` UInt64,
    `received_at` DateTime64(9, 'UTC'),
    `booked_at` DateTime64(9, 'UTC')
)
AS SELECT
    tenant,
    time,
    trace_id,
    span_id,
    meter,
    '' AS entry,
    'usage' AS kind,
    state,
    multiIf(fault != '', fault, state != 'unpriced', '', (model = '') AND (unit = 'tokens'), 'no_model', 'no_price') AS state_reason,
    unit,
    if(fault = '', reported_quantity, 0) AS quantity,
    state = 'unpriced' AS unpriced,
    state IN ('priced', 'unpriced') AS events,
    service_tier,
    context_tokens,
    if(state = 'priced', found_id, '') AS price_id,
    if(state = 'priced', found_rule, '') AS price_rule,
    if(state = 'priced', found_amount, 0) AS amount,
    if(state = 'priced', found_currency, '') AS currency,
    if(state = 'priced', toDecimal128(roundBankers(toDecimal256(reported_quantity, 9) * found_amount, 18), 18), 0) AS cost,
    if(state = 'priced', toDecimal128(roundBankers(toDecimal256(reported_quantity, 9) * found_list_amount, 18), 18), 0) AS list_cost,
    provider,
    model,
    operation,
    about.7 AS service_name,
    about.8 AS environment,
    about.1 AS project,
    about.2 AS user,
    about.3 AS product_feature,
    connector,
    about.4 AS prompt_name,
    about.5 AS prompt_version,
    about.6 AS response_hash,
    if(fault = '', '', reported) AS reported,
    aggregate,
    about.10 AS retry,
    about.9 AS origin_id,
    received_at,
    now64(9, 'UTC') AS booked_at
FROM
(
    SELECT
        tenant,
        time,
        trace_id,
        span_id,
        received_at,
        aggregate,
        provider,
        model,
        operation,
        connector,
        about,
        service_tier,
        context_tokens,
        meter,
        multiIf((meter IN ('input', 'cache_read', 'cache_write', 'cache_write_1h', 'input_audio', 'output', 'reasoning', 'output_audio', 'tokens')), 'tokens', meter = 'requests', 'requests', meter = 'connector_calls', 'calls', fault != '', '', endsWith(meter, '_seconds'), 'seconds', endsWith(meter, '_bytes'), 'bytes', endsWith(meter, '_tokens'), 'tokens', 'count') AS unit,
        reported_quantity,
        fault,
        reported,
        found.1 AS found_currency,
        greatest(1, arrayLastIndex(x -> (context_tokens > x), found.2)) AS step,
        (found.3)[step] AS found_amount,
        (found.4)[step] AS found_list_amount,
        (found.5)[step] AS found_id,
        (found.6)[step] AS found_rule,
        multiIf(fault != '', 'quarantined', aggregate, 'aggregate', found_id != '', 'priced', (meter IN ('requests', 'connector_calls')), 'free', 'unpriced') AS state
    FROM
    (
        SELECT
            tenant,
            time,
            trace_id,
            span_id,
            received_at,
            aggregate,
            provider,
            model,
            operation,
            connector,
            about,
            service_tier,
            context_tokens,
            meter,
            reported_quantity,
            fault,
            reported,
            dictGet('price_points_dictionary', ('currency', 'above', 'amounts', 'list_amounts', 'price_ids', 'rules'), (if(dictHas('price_points_dictionary', (tenant, low_provider, low_model, meter, service_tier), time), tenant, ''), low_provider, low_model, meter, service_tier), time) AS found
        FROM
        (
            SELECT
                tenant,
                time,
                trace_id,
                span_id,
                received_at,
                aggregate,
                provider,
                model,
                operation,
                connector,
                about,
                service_tier,
                context_tokens,
                lower(provider) AS low_provider,
                lower(model) AS low_model,
                arrayConcat(['input', 'cache_read', 'cache_write', 'cache_write_1h', 'input_audio', 'output', 'reasoning', 'output_audio', 'requests', 'connector_calls'], arrayMap(k -> substring(k, 18), other_keys), odds.1, ['tokens']) AS meters,
                arrayConcat(arrayMap((quantity, counted) -> (quantity * counted), [(whole_input - cached) - input_audio, cache_read, cache_write - cache_write_1h, cache_write_1h, input_audio, (whole_output - reasoning) - output_audio, reasoning, output_audio, toDecimal128((all_input > 0) OR (all_output > 0), 9), toDecimal128(connector != '', 9)], arrayPushBack(arrayWithConstant(9, token_fault = ''), 1)), other_values, arrayWithConstant(length(odds) + 1, toDecimal128(0, 9))) AS quantities,
                arrayConcat(arrayWithConstant(10 + length(other_keys), ''), odds.3, [token_fault]) AS faults,
                arrayConcat(arrayWithConstant(10 + length(other_keys), ''), odds.2, [format('input={} output={} total={} cached={} reasoning={} audio={}+{}', toString(all_input), toString(all_output), toString(total), toString(cached), toString(reasoning), toString(input_audio), toString(output_audio))]) AS reports
            FROM
            (
                SELECT
                    tenant,
                    time,
                    trace_id,
                    span_id,
                    received_at,
                    provider,
                    model,
                    operation,
                    connector,
                    about,
                    all_input,
                    all_output,
                    total,
                    cache_read,
                    cache_write,
                    cache_write_1h,
                    cached,
                    reasoning,
                    input_audio,
                    output_audio,
                    whole_input,
                    whole_output,
                    other_keys,
                    other_values,
                    odds,
                    toUInt64(least(whole_input, 1000000000000)) AS context_tokens,
                    if((tier IN ('auto', 'default', 'standard', 'standard_only', 'on_demand')), '', tier) AS service_tier,
                    (operation IN ('invoke_agent', 'invoke_workflow', 'agent_step', 'agent', 'chain', 'workflow', 'task')) OR (startsWith(operation, 'ai.') AND (position(operation, '.do') = 0)) AS aggregate,
                    multiIf((total > 0) AND (all_input = 0) AND (all_output = 0), 'total_only', (total > 0) AND (total != (whole_input + whole_output)), 'total_mismatch', (cached + input_audio) > whole_input, 'cache_exceeds_input', (reasoning + output_audio) > whole_output, 'reasoning_exceeds_output', cache_write_1h > cache_write, 'cache_write_1h_exceeds_cache_write', '') AS token_fault
                FROM
                (
                    SELECT
                        tenant,
                        time,
                        trace_id,
                        span_id,
                        received_at,
                        provider,
                        model,
                        operation,
                        connector,
                        about,
                        tier,
                        all_input,
                        all_output,
                        total,
                        cache_read,
                        cache_write,
                        cache_write_1h,
                        cached,
                        reasoning,
                        input_audio,
                        output_audio,
                        other_keys,
                        other_values,
                        odds,
                        all_input + (cached * cached_apart) AS whole_input,
                        all_output + (reasoning * if((total > 0) AND (reasoning > 0), rest = (reasoning + (cached * cached_apart)), reasoning > all_output)) AS whole_output
                    FROM
                    (
                        SELECT
                            tenant,
                            time,
                            trace_id,
                            span_id,
                            received_at,
                            model,
                            operation,
                            connector,
                            about,
                            tier,
                            all_input,
                            all_output,
                            total,
                            rest,
                            cache_read,
                            cache_write,
                            cache_write_1h,
                            cached,
                            reasoning,
                            input_audio,
                            output_audio,
                            other_keys,
                            other_values,
                            odds,
                            transform(named_provider, ['az.ai.openai', 'az.ai.inference', 'vertex_ai', 'gemini', 'xai'], ['azure.ai.openai', 'azure.ai.inference', 'gcp.vertex_ai', 'gcp.gemini', 'x_ai'], named_provider) AS provider,
                            multiIf(cached_declared = 'excluded', 1, cached_declared = 'included', 0, total > 0, (rest > 0) AND ((rest = cached) OR (rest = (cached + reasoning))) AND (rest != reasoning), cached > all_input) AS cached_apart
                        FROM
                        (
                            SELECT
                                tenant,
                                time,
                                trace_id,
                                span_id,
                                received_at,
                                odds,
                                arrayFilter(k -> startsWith(k, 'answerable.usage.'), mapKeys(counts)) AS other_keys,
                                arrayFilter((v, k) -> startsWith(k, 'answerable.usage.'), mapValues(counts), mapKeys(counts)) AS other_values,
                                counts['all_input'] AS all_input,
                                counts['all_output'] AS all_output,
                                counts['total'] AS total,
                                counts['cache_read'] AS cache_read,
                                counts['cache_write'] AS cache_write,
                                counts['cache_write_1h'] AS cache_write_1h,
                                counts['input_audio'] AS input_audio,
                                counts['output_audio'] AS output_audio,
                                counts['reasoning'] AS reasoning,
                                (counts['cache_read']) + (counts['cache_write']) AS cached,
                                ((counts['total']) - (counts['all_input'])) - (counts['all_output']) AS rest,
                                names['operation'] AS operation,
                                names['model'] AS model,
                                names['provider'] AS named_provider,
                                names['tier'] AS tier,
                                names['connector'] AS connector,
                                names['cached'] AS cached_declared,
                                (names['project'], names['user'], names['feature'], names['prompt'], names['prompt_version'], if((names['response']) = '', 0, sipHash64(names['response'])), service_name, environment, origin_id, retry) AS about
                            FROM
                            (
                                SELECT
                                    tenant,
                                    time,
                                    trace_id,
                                    span_id,
                                    received_at,
                                    service_name,
                                    environment,
                                    origin_id,
                                    retry,
                                    names,
                                    arrayReverseSort(arrayFilter(n -> ((n.3) = ''), arrayZip(numbers, arrayMap(k -> transform(k, ['gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens', 'llm.token_count.prompt', 'llm.usage.prompt_tokens', 'ai.usage.promptTokens', 'ai.usage.inputTokens', 'gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens', 'llm.token_count.completion', 'llm.usage.completion_tokens', 'ai.usage.completionTokens', 'ai.usage.outputTokens', 'gen_ai.usage.total_tokens', 'llm.usage.total_tokens', 'llm.token_count.total', 'ai.usage.tokens', 'ai.usage.totalTokens', 'gen_ai.usage.cache_read.input_tokens', 'gen_ai.usage.cache_read_input_tokens', 'gen_ai.usage.input_tokens.cached', 'llm.token_count.prompt_details.cache_read', 'ai.usage.cachedInputTokens', 'gen_ai.usage.cache_write.input_tokens', 'gen_ai.usage.cache_creation.input_tokens', 'gen_ai.usage.cache_creation_input_tokens', 'gen_ai.usage.input_tokens.cache_write', 'llm.token_count.prompt_details.cache_write', 'gen_ai.usage.cache_creation.ephemeral_1h_input_tokens', 'gen_ai.usage.audio.input_tokens', 'llm.token_count.prompt_details.audio', 'gen_ai.usage.audio.output_tokens', 'llm.token_count.completion_details.audio', 'gen_ai.usage.reasoning.output_tokens', 'gen_ai.usage.reasoning_tokens', 'llm.usage.reasoning_tokens', 'llm.token_count.completion_details.reasoning', 'ai.usage.reasoningTokens'], ['all_input', 'all_input', 'all_input', 'all_input', 'all_input', 'all_input', 'all_output', 'all_output', 'all_output', 'all_output', 'all_output', 'all_output', 'total', 'total', 'total', 'total', 'total', 'cache_read', 'cache_read', 'cache_read', 'cache_read', 'cache_read', 'cache_write', 'cache_write', 'cache_write', 'cache_write', 'cache_write', 'cache_write_1h', 'input_audio', 'input_audio', 'output_audio', 'output_audio', 'reasoning', 'reasoning', 'reasoning', 'reasoning', 'reasoning'], k), keys), faults))) AS sound,
                                    CAST((sound.2, sound.1), 'Map(String, Decimal(38, 9))') AS counts,
                                    arrayFilter(odd -> ((odd.3) != ''), arrayZip(keys, texts, faults)) AS odds
                                FROM
                                (
                                    SELECT
                                        tenant,
                                        time,
                                        trace_id,
                                        span_id,
                                        received_at,
                                        service_name,
                                        environment,
                                        origin_id,
                                        retry,
                                        names,
                                        keys,
                                        texts,
                                        arrayMap(n -> ifNull(n, toDecimal128(0, 9)), maybe) AS numbers,
                                        arrayMap((k, n) -> multiIf(n IS NULL, 'not_a_number', n < 0, 'negative', n > if(startsWith(k, 'answerable.usage.') AND (NOT endsWith(k, '_tokens')), 1000000000000000000, 1000000000000), 'implausible', ((NOT startsWith(k, 'answerable.usage.')) OR endsWith(k, '_tokens')) AND (n != toInt64(assumeNotNull(n))), 'fractional_tokens', ''), keys, maybe) AS faults
                                    FROM
                                    (
                                        SELECT
                                            tenant,
                                            time,
                                            trace_id,
                                            span_id,
                                            received_at,
                                            service_name,
                                            environment,
                                            origin_id,
                                            retry,
                                            mapKeys(reported) AS keys,
                                            arrayMap(v -> multiIf(v.kind = 'int', toString(v.int_value), v.kind = 'double', toString(v.double_value), v.string_value), mapValues(reported)) AS texts,
                                            arrayMap(text -> toDecimal128OrNull(text, 9), texts) AS maybe,
                                            arraySort(n -> (n.1), arrayMap((k, v) -> (indexOf(['gen_ai.operation.name', 'llm.request.type', 'openinference.span.kind', 'traceloop.span.kind', 'ai.operationId', 'gen_ai.response.model', 'gen_ai.request.model', 'llm.response.model_name', 'llm.model_name', 'llm.request.model_name', 'embedding.model_name', 'ai.response.model', 'ai.model.id', 'answerable.model.name', 'gen_ai.provider.name', 'gen_ai.system', 'llm.provider', 'llm.system', 'ai.model.provider', 'answerable.project', 'langfuse.project.name', 'user.id', 'enduser.id', 'langfuse.user.id', 'answerable.product.feature', 'answerable.connector.name', 'answerable.prompt.name', 'gen_ai.prompt.name', 'langfuse.observation.prompt.name', 'answerable.prompt.version', 'gen_ai.prompt.version', 'langfuse.observation.prompt.version', 'answerable.service_tier', 'openai.response.service_tier', 'gen_ai.openai.response.service_tier', 'openai.request.service_tier', 'gen_ai.openai.request.service_tier', 'answerable.cached_tokens', 'gen_ai.response.id'], k), if(k = 'openinference.span.kind', lower(v.string_value), v.string_value)), mapKeys(named), mapValues(named))) AS ordered,
                                            CAST((arrayMap(n -> (['operation', 'operation', 'operation', 'operation', 'operation', 'model', 'model', 'model', 'model', 'model', 'model', 'model', 'model', 'model', 'provider', 'provider', 'provider', 'provider', 'provider', 'project', 'project', 'user', 'user', 'user', 'feature', 'connector', 'prompt', 'prompt', 'prompt', 'prompt_version', 'prompt_version', 'prompt_version', 'tier', 'tier', 'tier', 'tier', 'tier', 'cached', 'response'][n.1]), ordered), ordered.2), 'Map(String, String)') AS names
                                        FROM
                                        (
                                            SELECT
                                                tenant,
                                                start_time AS time,
                                                toFixedString(span.trace_id, 16) AS trace_id,
                                                toFixedString(span.span_id, 8) AS span_id,
                                                service_name,
                                                environment,
                                                origin_id,
                                                received_at,
                                                (tupleElement(span.attributes['http.request.resend_count'], 'int_value') > 0) OR (tupleElement(span.attributes['answerable.attempt'], 'int_value') > 1) AS retry,
                                                mapFilter((k, v) -> ((v.kind = 'string') AND (v.string_value != '') AND (k IN ['gen_ai.operation.name', 'llm.request.type', 'openinference.span.kind', 'traceloop.span.kind', 'ai.operationId', 'gen_ai.response.model', 'gen_ai.request.model', 'llm.response.model_name', 'llm.model_name', 'llm.request.model_name', 'embedding.model_name', 'ai.response.model', 'ai.model.id', 'answerable.model.name', 'gen_ai.provider.name', 'gen_ai.system', 'llm.provider', 'llm.system', 'ai.model.provider', 'answerable.project', 'langfuse.project.name', 'user.id', 'enduser.id', 'langfuse.user.id', 'answerable.product.feature', 'answerable.connector.name', 'answerable.prompt.name', 'gen_ai.prompt.name', 'langfuse.observation.prompt.name', 'answerable.prompt.version', 'gen_ai.prompt.version', 'langfuse.observation.prompt.version', 'answerable.service_tier', 'openai.response.service_tier', 'gen_ai.openai.response.service_tier', 'openai.request.service_tier', 'gen_ai.openai.request.service_tier', 'answerable.cached_tokens', 'gen_ai.response.id'])), span.attributes) AS named,
                                                mapFilter((k, v) -> ((v.kind IN ('int', 'double', 'string')) AND (startsWith(k, 'answerable.usage.') OR (k IN ['gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens', 'llm.token_count.prompt', 'llm.usage.prompt_tokens', 'ai.usage.promptTokens', 'ai.usage.inputTokens', 'gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens', 'llm.token_count.completion', 'llm.usage.completion_tokens', 'ai.usage.completionTokens', 'ai.usage.outputTokens', 'gen_ai.usage.total_tokens', 'llm.usage.total_tokens', 'llm.token_count.total', 'ai.usage.tokens', 'ai.usage.totalTokens', 'gen_ai.usage.cache_read.input_tokens', 'gen_ai.usage.cache_read_input_tokens', 'gen_ai.usage.input_tokens.cached', 'llm.token_count.prompt_details.cache_read', 'ai.usage.cachedInputTokens', 'gen_ai.usage.cache_write.input_tokens', 'gen_ai.usage.cache_creation.input_tokens', 'gen_ai.usage.cache_creation_input_tokens', 'gen_ai.usage.input_tokens.cache_write', 'llm.token_count.prompt_details.cache_write', 'gen_ai.usage.cache_creation.ephemeral_1h_input_tokens', 'gen_ai.usage.audio.input_tokens', 'llm.token_count.prompt_details.audio', 'gen_ai.usage.audio.output_tokens', 'llm.token_count.completion_details.audio', 'gen_ai.usage.reasoning.output_tokens', 'gen_ai.usage.reasoning_tokens', 'llm.usage.reasoning_tokens', 'llm.token_count.completion_details.reasoning', 'ai.usage.reasoningTokens']))), span.attributes) AS reported
                                            FROM otlp_spans
                                            WHERE (verdict = '') AND (is_usage OR mapContains(span.attributes, 'answerable.connector.name'))
                                        )
                                    )
                                )
                            )
                        )
                    )
                )
            )
        )
        ARRAY JOIN
            meters AS meter,
            quantities AS reported_quantity,
            faults AS fault,
            reports AS reported
        WHERE (reported_quantity > 0) OR (fault != '')
    )
);

CREATE MATERIALIZED VIEW span_decisions_view TO decisions
(
    `tenant` String,
    `time` DateTime64(9, 'UTC'),
    `decision_id` String,
    `source` String,
    `name` String,
    `outcome` String,
    `subject` String,
    `confidence` Nullable(Float64),
    `model_name` String,
    `model_version` String,
    `prompt_name` String,
    `prompt_version` String,
    `policy_name` String,
    `policy_version` String,
    `route` String,
    `action_name` String,
    `action_target` String,
    `datasets` Array(String),
    `feature_number` Map(String, Float64),
    `feature_string` Map(String, String),
    `tokens_input` Nullable(UInt64),
    `tokens_output` Nullable(UInt64),
    `embeddings` Map(String, Array(Float32)),
    `duration_ns` UInt64,
    `is_error` UInt8,
    `service_name` String,
    `service_version` String,
    `environment` String,
    `trace_id` FixedString(16),
    `span_id` FixedString(8),
    `origin_id` UInt64,
    `received_at` DateTime64(9, 'UTC')
)
AS WITH
    span.attributes AS a
SELECT
    tenant,
    start_time AS time,
    if(tupleElement(a['answerable.decision.id'], 'string_value') != '', tupleElement(a['answerable.decision.id'], 'string_value'), lower(hex(span.span_id))) AS decision_id,
    'span' AS source,
    if(tupleElement(a['answerable.decision.name'], 'string_value') != '', tupleElement(a['answerable.decision.name'], 'string_value'), span.name) AS name,
    tupleElement(a['answerable.decision.outcome'], 'string_value') AS outcome,
    tupleElement(a['answerable.decision.subject'], 'string_value') AS subject,
    multiIf(tupleElement(a['answerable.confidence'], 'kind') = 'double', tupleElement(a['answerable.confidence'], 'double_value'), tupleElement(a['answerable.confidence'], 'kind') = 'int', toFloat64(tupleElement(a['answerable.confidence'], 'int_value')), NULL) AS confidence,
    multiIf(tupleElement(a['answerable.model.name'], 'string_value') != '', tupleElement(a['answerable.model.name'], 'string_value'), tupleElement(a['gen_ai.response.model'], 'string_value') != '', tupleElement(a['gen_ai.response.model'], 'string_value'), tupleElement(a['gen_ai.request.model'], 'string_value')) AS model_name,
    tupleElement(a['answerable.model.version'], 'string_value') AS model_version,
    multiIf(tupleElement(a['answerable.prompt.name'], 'string_value') != '', tupleElement(a['answerable.prompt.name'], 'string_value'), tupleElement(a['gen_ai.prompt.name'], 'string_value')) AS prompt_name,
    multiIf(tupleElement(a['answerable.prompt.version'], 'string_value') != '', tupleElement(a['answerable.prompt.version'], 'string_value'), tupleElement(a['gen_ai.prompt.version'], 'string_value')) AS prompt_version,
    tupleElement(a['answerable.policy.name'], 'string_value') AS policy_name,
    tupleElement(a['answerable.policy.version'], 'string_value') AS policy_version,
    tupleElement(a['answerable.route'], 'string_value') AS route,
    tupleElement(a['answerable.action.name'], 'string_value') AS action_name,
    tupleElement(a['answerable.action.target'], 'string_value') AS action_target,
    if(tupleElement(a['answerable.dataset'], 'kind') = 'string', [tupleElement(a['answerable.dataset'], 'string_value')], arrayMap(x -> substring(x, if(bitAnd(reinterpretAsUInt8(substring(x, 2, 1)), 128) = 0, 3, 4)), arrayFilter(x -> startsWith(x, '\n'), tupleElement(a['answerable.dataset'], 'array_value_values')))) AS datasets,
    mapApply((k, v) -> (substring(k, 20), multiIf(v.kind = 'double', v.double_value, v.kind = 'int', toFloat64(v.int_value), toFloat64(v.bool_value))), mapFilter((k, v) -> (startsWith(k, 'answerable.feature.') AND (v.kind IN ('double', 'int', 'bool'))), a)) AS feature_number,
    mapApply((k, v) -> (substring(k, 20), v.string_value), mapFilter((k, v) -> (startsWith(k, 'answerable.feature.') AND (v.kind = 'string')), a)) AS feature_string,
    if(mapContains(a, 'gen_ai.usage.input_tokens'), toUInt64(greatest(0, tupleElement(a['gen_ai.usage.input_tokens'], 'int_value'))), NULL) AS tokens_input,
    if(mapContains(a, 'gen_ai.usage.output_tokens'), toUInt64(greatest(0, tupleElement(a['gen_ai.usage.output_tokens'], 'int_value'))), NULL) AS tokens_output,
    mapApply((k, v) -> (substring(k, 22), arrayMap(x -> toFloat32(reinterpretAsFloat64(substring(x, 2, 8))), arrayFilter(x -> startsWith(x, '!'), v.array_value_values))), mapFilter((k, v) -> (startsWith(k, 'answerable.embedding.') AND (v.kind = 'array')), a)) AS embeddings,
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
WHERE (verdict = '') AND is_decision;

CREATE TABLE spans
(
    `tenant` LowCardinality(String),
    `start_time` DateTime64(9, 'UTC') CODEC(Delta(8), LZ4),
    `trace_id` FixedString(16),
    `span_id` FixedString(8),
    `parent_span_id` FixedString(8),
    `name` LowCardinality(String),
    `kind` Int32,
    `duration_ns` UInt64,
    `status_code` Int32,
    `status_message` String,
    `trace_state` String,
    `flags` UInt32,
    `service_name` LowCardinality(String),
    `service_version` LowCardinality(String),
    `environment` LowCardinality(String),
    `origin_id` UInt64,
    `attr_string` Map(LowCardinality(String), String),
    `attr_int` Map(LowCardinality(String), Int64),
    `attr_double` Map(LowCardinality(String), Float64),
    `attr_bool` Map(LowCardinality(String), Bool),
    `attr_array` Map(LowCardinality(String), Array(String)),
    `attr_other` Map(LowCardinality(String), String),
    `events` Array(Tuple(
        time_unix_nano UInt64,
        name String,
        attributes Map(String, Tuple(
            kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
            string_value String,
            bool_value UInt8,
            int_value Int64,
            double_value Float64,
            array_value_values Array(String),
            kvlist_value String,
            bytes_value String)),
        dropped_attributes_count UInt32)),
    `links` Array(Tuple(
        trace_id String,
        span_id String,
        trace_state String,
        attributes Map(String, Tuple(
            kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
            string_value String,
            bool_value UInt8,
            int_value Int64,
            double_value Float64,
            array_value_values Array(String),
            kvlist_value String,
            bytes_value String)),
        dropped_attributes_count UInt32,
        flags UInt32)),
    `dropped_attributes_count` UInt32,
    `dropped_events_count` UInt32,
    `dropped_links_count` UInt32,
    `received_at` DateTime64(9, 'UTC') CODEC(Delta(8), LZ4)
)
ENGINE = ReplacingMergeTree(received_at)
PARTITION BY toDate(received_at)
ORDER BY (tenant, start_time, trace_id, span_id)
TTL toDateTime(received_at) + toIntervalDay(30)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1, min_bytes_for_wide_part = 134217728, merge_selector_base = 10, index_granularity = 8192;

CREATE MATERIALIZED VIEW spans_view TO spans
(
    `tenant` String,
    `start_time` DateTime64(9, 'UTC'),
    `trace_id` FixedString(16),
    `span_id` FixedString(8),
    `parent_span_id` FixedString(8),
    `name` String,
    `kind` Int32,
    `duration_ns` UInt64,
    `status_code` Int32,
    `status_message` String,
    `trace_state` String,
    `flags` UInt32,
    `service_name` String,
    `service_version` String,
    `environment` String,
    `origin_id` UInt64,
    `attr_string` Map(String, String),
    `attr_int` Map(String, Int64),
    `attr_double` Map(String, Float64),
    `attr_bool` Map(String, UInt8),
    `attr_array` Map(String, Array(String)),
    `attr_other` Map(String, String),
    `events` Array(Tuple(
        time_unix_nano UInt64,
        name String,
        attributes Map(String, Tuple(
            kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
            string_value String,
            bool_value UInt8,
            int_value Int64,
            double_value Float64,
            array_value_values Array(String),
            kvlist_value String,
            bytes_value String)),
        dropped_attributes_count UInt32)),
    `links` Array(Tuple(
        trace_id String,
        span_id String,
        trace_state String,
        attributes Map(String, Tuple(
            kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
            string_value String,
            bool_value UInt8,
            int_value Int64,
            double_value Float64,
            array_value_values Array(String),
            kvlist_value String,
            bytes_value String)),
        dropped_attributes_count UInt32,
        flags UInt32)),
    `dropped_attributes_count` UInt32,
    `dropped_events_count` UInt32,
    `dropped_links_count` UInt32,
    `received_at` DateTime64(9, 'UTC')
)
AS SELECT
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
    mapFromArrays(arrayFilter((k, t) -> (t = 'string'), keys, kinds), arrayFilter((v, t) -> (t = 'string'), `values`.string_value, kinds)) AS attr_string,
    mapFromArrays(arrayFilter((k, t) -> (t = 'int'), keys, kinds), arrayFilter((v, t) -> (t = 'int'), `values`.int_value, kinds)) AS attr_int,
    mapFromArrays(arrayFilter((k, t) -> (t = 'double'), keys, kinds), arrayFilter((v, t) -> (t = 'double'), `values`.double_value, kinds)) AS attr_double,
    mapFromArrays(arrayFilter((k, t) -> (t = 'bool'), keys, kinds), arrayMap(v -> (v != 0), arrayFilter((v, t) -> (t = 'bool'), `values`.bool_value, kinds))) AS attr_bool,
    mapFromArrays(arrayFilter((k, t) -> (t = 'array'), keys, kinds), arrayFilter((v, t) -> (t = 'array'), `values`.array_value_values, kinds)) AS attr_array,
    mapFromArrays(arrayFilter((k, t) -> (t IN ('none', 'kvlist', 'bytes')), keys, kinds), arrayFilter((v, t) -> (t IN ('none', 'kvlist', 'bytes')), arrayMap((t, a, b) -> concat(substring(toString(t), 1, 1), a, b), kinds, `values`.kvlist_value, `values`.bytes_value), kinds)) AS attr_other,
    span.events AS events,
    span.links AS links,
    span.dropped_attributes_count AS dropped_attributes_count,
    span.dropped_events_count AS dropped_events_count,
    span.dropped_links_count AS dropped_links_count,
    received_at
FROM
(
    SELECT
        tenant,
        start_time,
        duration_ns,
        service_name,
        service_version,
        environment,
        origin_id,
        received_at,
        span,
        mapKeys(span.attributes) AS keys,
        mapValues(span.attributes) AS `values`,
        `values`.kind AS kinds
    FROM otlp_spans
    WHERE verdict = ''
);

CREATE MATERIALIZED VIEW trace_ledger_view TO ingest_ledger
(
    `signal` String,
    `tenant` String,
    `received_at` DateTime64(9, 'UTC'),
    `request_id` String,
    `body_hash` String,
    `key_id` String,
    `state` String,
    `reason` String,
    `items` UInt64,
    `requests` UInt32,
    `bytes` UInt32
)
AS SELECT
    'traces' AS signal,
    tenant,
    received_at,
    request_id,
    body_hash,
    key_id,
    entry.1 AS state,
    entry.2 AS reason,
    entry.3 AS items,
    entry.4 AS requests,
    entry.5 AS bytes
FROM
(
    SELECT
        tenant,
        request_id,
        any(item_received_at) AS received_at,
        any(item_body_hash) AS body_hash,
        any(item_key_id) AS key_id,
        any(item_wire_bytes) AS wire_bytes,
        count() AS seen,
        countIf(verdict = '') AS kept,
        sumMapIf([verdict], [toUInt64(1)], verdict != '') AS refused
    FROM
    (
        SELECT
            tenant,
            verdict,
            request_id,
            received_at AS item_received_at,
            body_hash AS item_body_hash,
            key_id AS item_key_id,
            wire_bytes AS item_wire_bytes
        FROM otlp_spans
    )
    GROUP BY
        tenant,
        request_id
)
ARRAY JOIN arrayConcat([('received', '', seen, toUInt32(1), wire_bytes)], if(kept > 0, [('stored', '', kept, toUInt32(1), wire_bytes)], []), arrayMap((r, c, i) -> ('rejected', toString(r), c, toUInt32((kept = 0) AND (i = 1)), if((kept = 0) AND (i = 1), wire_bytes, 0)), refused.1, refused.2, arrayEnumerate(refused.1))) AS entry;

CREATE MATERIALIZED VIEW trace_origins_view TO origins
(
    `tenant` String,
    `origin_id` UInt64,
    `resource_attributes` Map(String, Tuple(
        kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
        string_value String,
        bool_value UInt8,
        int_value Int64,
        double_value Float64,
        array_value_values Array(String),
        kvlist_value String,
        bytes_value String)),
    `resource_dropped_attributes_count` UInt32,
    `resource_schema_url` String,
    `scope_name` String,
    `scope_version` String,
    `scope_attributes` Map(String, Tuple(
        kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
        string_value String,
        bool_value UInt8,
        int_value Int64,
        double_value Float64,
        array_value_values Array(String),
        kvlist_value String,
        bytes_value String)),
    `scope_dropped_attributes_count` UInt32,
    `scope_schema_url` String,
    `last_seen` DateTime64(9, 'UTC')
)
AS SELECT
    frame_tenant AS tenant,
    origin_id,
    resource_attributes,
    resource_dropped_attributes_count,
    resource_schema_url,
    scope_name,
    scope_version,
    scope_attributes,
    scope_dropped_attributes_count,
    scope_schema_url,
    fromUnixTimestamp64Nano(toInt64(frame_received_at), 'UTC') AS last_seen
FROM otlp_trace_scopes
LIMIT 1 BY
    tenant,
    origin_id;

CREATE TABLE trace_summary
(
    `tenant` LowCardinality(String),
    `hour` DateTime('UTC'),
    `trace_id` FixedString(16),
    `received_on` Date,
    `start_time` SimpleAggregateFunction(min, DateTime64(9, 'UTC')),
    `end_time` SimpleAggregateFunction(max, DateTime64(9, 'UTC')),
    `root_name` SimpleAggregateFunction(max, String),
    `root_service` SimpleAggregateFunction(max, String),
    `has_error` SimpleAggregateFunction(max, UInt8),
    `services` SimpleAggregateFunction(groupUniqArrayArray, Array(String)),
    INDEX trace_id_bloom trace_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = AggregatingMergeTree
PARTITION BY received_on
ORDER BY (tenant, hour, trace_id)
TTL received_on + toIntervalDay(30)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1, min_bytes_for_wide_part = 134217728, merge_selector_base = 10, index_granularity = 8192;

CREATE MATERIALIZED VIEW trace_summary_view TO trace_summary
(
    `tenant` String,
    `hour` DateTime('UTC'),
    `trace_id` FixedString(16),
    `received_on` Date,
    `start_time` DateTime64(9, 'UTC'),
    `end_time` DateTime64(9, 'UTC'),
    `root_name` String,
    `root_service` String,
    `has_error` UInt8,
    `services` Array(String)
)
AS SELECT
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
FROM
(
    SELECT
        tenant,
        verdict,
        received_at,
        service_name,
        span,
        start_time AS span_start,
        duration_ns AS span_duration_ns
    FROM otlp_spans
)
WHERE verdict = ''
GROUP BY
    tenant,
    hour,
    trace_id,
    received_on;

CREATE TABLE usage
(
    `tenant` LowCardinality(String),
    `time` DateTime64(9, 'UTC') CODEC(Delta(8), LZ4),
    `trace_id` FixedString(16),
    `span_id` FixedString(8),
    `meter` LowCardinality(String),
    `unit` LowCardinality(String),
    `quantity` Decimal(38, 9),
    `aggregate` Bool,
    `provider` LowCardinality(String),
    `model` LowCardinality(String),
    `operation` LowCardinality(String),
    `service_name` LowCardinality(String),
    `environment` LowCardinality(String),
    `received_at` DateTime64(9, 'UTC') CODEC(Delta(8), LZ4),
    INDEX trace_id_bloom trace_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(received_at)
PARTITION BY toYYYYMM(received_at)
ORDER BY (tenant, time, trace_id, span_id, meter)
TTL toDateTime(received_at) + toIntervalDay(2557)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1, min_bytes_for_wide_part = 134217728, merge_selector_base = 10, index_granularity = 8192;
