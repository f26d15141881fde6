-- What happened in budgets: a row a budget that a reservation counts in. The sums themselves are
-- kept by the ledger (cost/budgets); these rows are their history. A job brings them, at least once.

CREATE TABLE IF NOT EXISTS {{local budget_entries}} {{on_cluster}} (
    tenant LowCardinality(String),
    budget_id String,
    time DateTime64(9, 'UTC') CODEC(Delta, LZ4),
    entry_id String,
    op Enum8('reserve' = 1, 'settle' = 2, 'release' = 3, 'expire' = 4, 'refuse' = 5, 'suspend' = 6, 'lift' = 7),
    reservation_id String,
    -- Held by a reserve, freed by a release or expire, spent by a settle, asked for by a refuse.
    amount Decimal(38, 9),
    currency LowCardinality(String),
    decision LowCardinality(String),
    reason LowCardinality(String),
    late Bool,
    trace_id String,
    call_tenant LowCardinality(String),
    project LowCardinality(String),
    user String,
    key LowCardinality(String),
    feature LowCardinality(String),
    provider LowCardinality(String),
    model LowCardinality(String),
    service_tier LowCardinality(String),
    recorded_at DateTime64(9, 'UTC') CODEC(Delta, LZ4),
    INDEX time_range time TYPE minmax GRANULARITY 1
) ENGINE = {{engine ReplacingMergeTree}}
PARTITION BY toYYYYMM(time)
ORDER BY (tenant, budget_id, time, entry_id)
{{ttl charges toDateTime(time)}}
SETTINGS {{part_settings}};

{{distributed budget_entries cityHash64(tenant, budget_id)}}
