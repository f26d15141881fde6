-- Drift: references with their edges, the cube of counts, results, labels.

-- One feature of one version of a reference. A version is never changed: what was compared with it
-- can be compared again.
CREATE TABLE IF NOT EXISTS reference_features {{on_cluster}} (
    tenant LowCardinality(String),
    reference_id String,
    version UInt32,
    feature LowCardinality(String),
    kind Enum8('number' = 1, 'text' = 2),
    -- Of a number: where cells end, strictly ascending; cell i holds edges[i-1] < x <= edges[i].
    edges Array(Float64),
    -- Of a text: the values that have a code of their own, the most frequent first.
    categories Array(String),
    created_at DateTime64(9, 'UTC')
) ENGINE = {{engine_everywhere ReplacingMergeTree(created_at)}}
ORDER BY (tenant, reference_id, version, feature);

-- What the reference holds by code, of everything (dimension '') and of each slice.
CREATE TABLE IF NOT EXISTS reference_counts {{on_cluster}} (
    tenant LowCardinality(String),
    reference_id String,
    version UInt32,
    feature LowCardinality(String),
    dimension LowCardinality(String),
    value String,
    codes Array(UInt8),
    counts Array(UInt64),
    -- Of the finite numbers.
    numbers UInt64,
    mean Float64,
    -- Sum of squared distances from the mean.
    squares Float64,
    least Float64,
    greatest Float64,
    created_at DateTime64(9, 'UTC')
) ENGINE = {{engine_everywhere ReplacingMergeTree(created_at)}}
ORDER BY (tenant, reference_id, version, feature, dimension, value);

-- Counts by code of an hour. A row is written anew as a whole when something came late, so the
-- newest holds and nothing counts twice.
CREATE TABLE IF NOT EXISTS {{local feature_cube}} {{on_cluster}} (
    tenant LowCardinality(String),
    reference_id LowCardinality(String),
    version UInt32,
    feature LowCardinality(String),
    dimension LowCardinality(String),
    value String,
    hour DateTime('UTC') CODEC(Delta, LZ4),
    codes Array(UInt8),
    counts Array(UInt64) CODEC(T64, LZ4),
    numbers UInt64 CODEC(T64, LZ4),
    mean Float64,
    squares Float64,
    least Float64,
    greatest Float64,
    computed_at DateTime64(9, 'UTC') CODEC(Delta, LZ4)
) ENGINE = {{engine ReplacingMergeTree(computed_at)}}
PARTITION BY toYYYYMM(hour)
ORDER BY (tenant, reference_id, version, feature, dimension, value, hour)
{{ttl drift hour}}
SETTINGS {{part_settings}};

{{distributed feature_cube cityHash64(tenant, reference_id)}}

-- What monitors found. A window evaluated again, for late data, is another row: evaluated_at tells.
CREATE TABLE IF NOT EXISTS {{local drift_results}} {{on_cluster}} (
    tenant LowCardinality(String),
    monitor_id LowCardinality(String),
    monitor_version UInt32,
    window_start DateTime('UTC') CODEC(Delta, LZ4),
    window_end DateTime('UTC') CODEC(Delta, LZ4),
    model LowCardinality(String),
    feature LowCardinality(String),
    dimension LowCardinality(String),
    value String,
    statistic LowCardinality(String),
    reference_id LowCardinality(String),
    reference_version UInt32,
    n_reference UInt64,
    n_current UInt64,
    estimate Nullable(Float64),
    low Nullable(Float64),
    high Nullable(Float64),
    p_value Nullable(Float64),
    -- After correction over every feature and slice of the window.
    q_value Nullable(Float64),
    e_value Nullable(Float64),
    tolerance Nullable(Float64),
    traffic_share Float64,
    -- quiet: nothing; significant: not by chance but below tolerance or floor; suspected: waits for
    -- the next window; confirmed: an incident; cooling: would be one again; unable: could not be judged.
    state Enum8('quiet' = 1, 'significant' = 2, 'suspected' = 3, 'confirmed' = 4, 'cooling' = 5, 'unable' = 6),
    state_reason LowCardinality(String),
    incident_id String,
    -- Of the window, by code: with the reference's version enough to compute the row again.
    codes Array(UInt8),
    counts Array(UInt64),
    -- JSON: test, its version, zero rule, log base, correction, family, seed, permutations, engine and why.
    method String CODEC(ZSTD(1)),
    backfilled Bool,
    evaluated_at DateTime64(9, 'UTC') CODEC(Delta, LZ4)
) ENGINE = {{engine MergeTree}}
PARTITION BY toYYYYMM(window_start)
ORDER BY (tenant, monitor_id, window_start, feature, dimension, value, statistic, evaluated_at)
{{ttl drift window_start}}
SETTINGS {{part_settings}};

{{distributed drift_results cityHash64(tenant, monitor_id)}}

-- What turned out to be right, when it is known. The label received last holds.
CREATE TABLE IF NOT EXISTS {{local labels}} {{on_cluster}} (
    tenant LowCardinality(String),
    decision_id String,
    decision_hash UInt64 MATERIALIZED sipHash64(decision_id),
    label String,
    number Nullable(Float64),
    source LowCardinality(String),
    labelled_at DateTime64(9, 'UTC') CODEC(Delta, LZ4),
    key_id LowCardinality(String),
    received_at DateTime64(9, 'UTC') CODEC(Delta, LZ4),
    INDEX received_at_range received_at TYPE minmax GRANULARITY 1
) ENGINE = {{engine ReplacingMergeTree(received_at)}}
ORDER BY (tenant, decision_id)
{{ttl decisions toDateTime(received_at)}}
SETTINGS {{part_settings}};

{{distributed labels cityHash64(tenant, decision_id)}}
