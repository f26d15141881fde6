-- What every signal shares: the ingest ledger, the origins telemetry came from, and quarantine.

-- One row a request, tenant, state and reason. Terminal states sum to `received`:
-- received = stored + rejected + duplicate + quarantined, in items and in requests.
CREATE TABLE IF NOT EXISTS {{local ingest_ledger}} {{on_cluster}} (
    tenant LowCardinality(String),
    received_at DateTime64(9, 'UTC') CODEC(Delta, LZ4),
    signal Enum8('traces' = 1, 'metrics' = 2, 'logs' = 3),
    state Enum8('received' = 1, 'stored' = 2, 'rejected' = 3, 'duplicate' = 4, 'quarantined' = 5),
    reason LowCardinality(String),
    items UInt64,
    requests UInt32,
    bytes UInt64,
    request_id String,
    body_hash String,
    key_id LowCardinality(String)
) ENGINE = {{engine MergeTree}}
PARTITION BY toDate(received_at)
ORDER BY (tenant, received_at)
{{ttl ledger toDateTime(received_at)}}
SETTINGS {{part_settings}};

{{distributed ingest_ledger cityHash64(tenant)}}

-- Resource and scope of telemetry, once each instead of on every row; rows name them by hash.
-- The tenant is empty for keys that speak for several tenants span by span.
CREATE TABLE IF NOT EXISTS {{local origins}} {{on_cluster}} (
    tenant LowCardinality(String),
    origin_id UInt64,
    resource_attributes {{any_map}},
    resource_dropped_attributes_count UInt32,
    resource_schema_url String,
    scope_name LowCardinality(String),
    scope_version LowCardinality(String),
    scope_attributes {{any_map}},
    scope_dropped_attributes_count UInt32,
    scope_schema_url String,
    last_seen DateTime64(9, 'UTC')
) ENGINE = {{engine ReplacingMergeTree(last_seen)}}
ORDER BY (tenant, origin_id)
{{ttl decisions toDateTime(last_seen)}}
SETTINGS {{part_settings}};

{{distributed origins cityHash64(tenant, origin_id)}}

-- Bodies that decoded at the door and that the engine then refused, kept for a person to see.
CREATE TABLE IF NOT EXISTS {{local quarantine}} {{on_cluster}} (
    tenant LowCardinality(String),
    received_at DateTime64(9, 'UTC'),
    request_id String,
    signal Enum8('traces' = 1, 'metrics' = 2, 'logs' = 3),
    key_id LowCardinality(String),
    items UInt64,
    error String,
    body_hash String,
    body String CODEC(ZSTD(3))
) ENGINE = {{engine MergeTree}}
PARTITION BY toDate(received_at)
ORDER BY (tenant, received_at, request_id)
{{ttl quarantine toDateTime(received_at)}}
SETTINGS ttl_only_drop_parts = 1;

{{distributed quarantine cityHash64(tenant)}}
