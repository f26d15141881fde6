-- Records: configuration and governance facts. Rows are only ever added; a state is a query.

CREATE TABLE IF NOT EXISTS {{local records}} {{on_cluster}} (
    tenant LowCardinality(String),
    kind LowCardinality(String),
    id String,
    version UInt64,
    op Enum8('put' = 1, 'delete' = 2),
    body String CODEC(ZSTD(1)),
    actor String,
    reason String,
    valid_from DateTime64(9, 'UTC'),
    recorded_at DateTime64(9, 'UTC')
) ENGINE = {{engine MergeTree}}
ORDER BY (tenant, kind, id, version, recorded_at);

{{distributed records sipHash64(tenant, kind, id)}}

-- Signals: anything worth an alert or an explanation. A page reads a tenant's window of time,
-- so time follows the tenant.
CREATE TABLE IF NOT EXISTS {{local signals}} {{on_cluster}} (
    tenant LowCardinality(String),
    time DateTime64(9, 'UTC') CODEC(Delta, LZ4),
    kind LowCardinality(String),
    subject String,
    value Float64,
    threshold Float64,
    link String,
    severity Enum8('info' = 1, 'warning' = 2, 'critical' = 3),
    body String CODEC(ZSTD(1)),
    recorded_at DateTime64(9, 'UTC') CODEC(Delta, LZ4)
) ENGINE = {{engine MergeTree}}
PARTITION BY toYYYYMM(time)
ORDER BY (tenant, time, kind, subject)
{{ttl signals toDateTime(time)}}
SETTINGS ttl_only_drop_parts = 1;

{{distributed signals sipHash64(tenant, subject)}}
