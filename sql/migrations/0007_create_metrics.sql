-- Metrics: five kinds of point brought to one shape, a row a point.

CREATE TABLE IF NOT EXISTS otlp_metrics_in {{on_cluster}} (
    {{frame_header}},
    request_resource_metrics Array(Tuple(
        {{resource}},
        scope_metrics Array(Tuple(
            {{scope}},
            metrics {{metrics}},
            schema_url String)),
        schema_url String))
) ENGINE = {{engine Null}};

CREATE TABLE IF NOT EXISTS otlp_metric_scopes {{on_cluster}} (
    {{scope_row}},
    metrics {{metrics}}
) ENGINE = {{engine Null}};

CREATE TABLE IF NOT EXISTS otlp_points {{on_cluster}} (
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
    metric String,
    description String,
    metric_unit String,
    point {{metric_point}}
) ENGINE = {{engine Null}};

CREATE TABLE IF NOT EXISTS {{local metric_points}} {{on_cluster}} (
    tenant LowCardinality(String),
    time DateTime64(9, 'UTC') CODEC(Delta, LZ4),
    start_time_unix_nano UInt64,
    metric LowCardinality(String),
    description LowCardinality(String),
    unit LowCardinality(String),
    kind Enum8('gauge' = 1, 'sum' = 2, 'histogram' = 3, 'exponential_histogram' = 4, 'summary' = 5),
    temporality Int32,
    is_monotonic Bool,
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
    quantiles Array(Tuple(quantile Float64, value Float64)),
    exemplars {{exemplars}},
    flags UInt32,
    service_name LowCardinality(String),
    service_version LowCardinality(String),
    environment LowCardinality(String),
    origin_id UInt64,
    {{typed_maps}},
    received_at DateTime64(9, 'UTC') CODEC(Delta, LZ4)
) ENGINE = {{engine MergeTree}}
PARTITION BY toDate(received_at)
ORDER BY (tenant, metric, service_name, time)
{{ttl metrics toDateTime(received_at)}}
SETTINGS {{part_settings}};

{{distributed metric_points cityHash64(tenant, metric)}}

CREATE MATERIALIZED VIEW IF NOT EXISTS otlp_metric_scopes_view {{on_cluster}} TO otlp_metric_scopes AS
SELECT
    {{scope_columns}},
    metrics
FROM (
    SELECT
        {{scope_parts}},
        part.metrics AS metrics
    FROM (
        SELECT
            {{resource_parts}},
            part.scope_metrics AS parts
        FROM otlp_metrics_in
        ARRAY JOIN request_resource_metrics AS part
    )
    ARRAY JOIN parts AS part
);

CREATE MATERIALIZED VIEW IF NOT EXISTS {{local metric_origins_view}} {{on_cluster}} TO {{local origins}} AS
SELECT
    {{origin_columns}}
FROM otlp_metric_scopes
LIMIT 1 BY tenant, origin_id;

CREATE MATERIALIZED VIEW IF NOT EXISTS otlp_points_view {{on_cluster}} TO otlp_points AS
SELECT
    if(tenant_verdict = '', claimed, '') AS tenant,
    multiIf(
        tenant_verdict != '', tenant_verdict,
        metric = '', 'metric_name_missing',
        time_ns = 0 OR time_ns > frame_received_at + 86400000000000, 'timestamp_out_of_range',
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
    metric,
    description,
    metric_unit,
    point
FROM (
    SELECT
        {{item_columns}},
        metric, description, metric_unit, point,
        point.time_unix_nano AS time_ns
    FROM (
        SELECT {{item_names}}, metric, description, metric_unit, point, point.attributes['tenant.id'].string_value AS item_tenant
        FROM (
            SELECT
                {{item_names}},
                m.name AS metric,
                m.description AS description,
                m.unit AS metric_unit,
        arrayConcat(
            CAST(arrayMap(d -> ('gauge', 0, false, d.start_time_unix_nano, d.time_unix_nano,
                if(d.value = 'as_double', d.as_double, NULL), if(d.value = 'as_int', d.as_int, NULL),
                0, NULL, NULL, NULL, [], [], 0, 0, 0, 0, [], 0, [], [], d.exemplars, d.attributes, d.flags),
                m.gauge_data_points) AS Array({{metric_point}})),
            CAST(arrayMap(d -> ('sum', m.sum.aggregation_temporality, m.sum.is_monotonic, d.start_time_unix_nano, d.time_unix_nano,
                if(d.value = 'as_double', d.as_double, NULL), if(d.value = 'as_int', d.as_int, NULL),
                0, NULL, NULL, NULL, [], [], 0, 0, 0, 0, [], 0, [], [], d.exemplars, d.attributes, d.flags),
                m.sum.data_points) AS Array({{metric_point}})),
            CAST(arrayMap(d -> ('histogram', m.histogram.aggregation_temporality, false, d.start_time_unix_nano, d.time_unix_nano,
                NULL, NULL, d.count, d.sum, d.min, d.max, d.bucket_counts, d.explicit_bounds,
                0, 0, 0, 0, [], 0, [], [], d.exemplars, d.attributes, d.flags),
                m.histogram.data_points) AS Array({{metric_point}})),
            CAST(arrayMap(d -> ('exponential_histogram', m.exponential_histogram.aggregation_temporality, false, d.start_time_unix_nano, d.time_unix_nano,
                NULL, NULL, d.count, d.sum, d.min, d.max, [], [],
                d.scale, d.zero_count, d.zero_threshold, d.positive.offset, d.positive.bucket_counts, d.negative.offset, d.negative.bucket_counts, [],
                d.exemplars, d.attributes, d.flags),
                m.exponential_histogram.data_points) AS Array({{metric_point}})),
            CAST(arrayMap(d -> ('summary', 0, false, d.start_time_unix_nano, d.time_unix_nano,
                NULL, NULL, d.count, d.sum, NULL, NULL, [], [], 0, 0, 0, 0, [], 0, [], d.quantile_values, [], d.attributes, d.flags),
                m.summary_data_points) AS Array({{metric_point}}))
        ) AS points
            FROM otlp_metric_scopes
            ARRAY JOIN metrics AS m
        )
        ARRAY JOIN points AS point
    )
);

CREATE MATERIALIZED VIEW IF NOT EXISTS {{local metric_points_view}} {{on_cluster}} TO {{local metric_points}} AS
SELECT
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
    {{split_attributes}},
    received_at
FROM (
    SELECT
        tenant, metric, description, metric_unit, service_name, service_version, environment, origin_id, received_at, point,
        mapKeys(point.attributes) AS keys,
        mapValues(point.attributes) AS values,
        values.kind AS kinds
    FROM otlp_points
    WHERE verdict = ''
);

CREATE MATERIALIZED VIEW IF NOT EXISTS {{local metric_ledger_view}} {{on_cluster}} TO {{local ingest_ledger}} AS
SELECT
    'metrics' AS signal,
    {{ledger_states}}
    FROM (
        SELECT tenant, verdict, request_id, received_at AS item_received_at, body_hash AS item_body_hash, key_id AS item_key_id, wire_bytes AS item_wire_bytes
        FROM otlp_points
    )
    {{ledger_entries}};
