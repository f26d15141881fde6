-- Every label there ever was of a decision, so that it can be told what changed, who changed it and when.
-- What is written to `labels`, where the newest holds, is kept here by the same insert.

CREATE TABLE IF NOT EXISTS {{local label_versions}} {{on_cluster}} (
    tenant LowCardinality(String),
    decision_id String,
    label String,
    number Nullable(Float64),
    source LowCardinality(String),
    labelled_at DateTime64(9, 'UTC') CODEC(Delta, LZ4),
    key_id LowCardinality(String),
    received_at DateTime64(9, 'UTC') CODEC(Delta, LZ4)
-- An insert that is sent again is the same version.
) ENGINE = {{engine ReplacingMergeTree}}
ORDER BY (tenant, decision_id, received_at, label, source, labelled_at, key_id)
{{ttl decisions toDateTime(received_at)}}
SETTINGS {{part_settings}};

{{distributed label_versions cityHash64(tenant, decision_id)}}

CREATE MATERIALIZED VIEW IF NOT EXISTS {{local label_versions_view}} {{on_cluster}} TO {{local label_versions}} AS
SELECT tenant, decision_id, label, number, source, labelled_at, key_id, received_at
FROM {{local labels}};

INSERT INTO label_versions (tenant, decision_id, label, number, source, labelled_at, key_id, received_at)
SELECT tenant, decision_id, label, number, source, labelled_at, key_id, received_at
FROM labels;
