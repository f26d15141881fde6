-- How far a reference is counted into the cube. What lies after a mark that a crash left unwritten
-- is counted again, as a whole, so nothing counts twice.
CREATE TABLE IF NOT EXISTS cube_marks {{on_cluster}} (
    tenant LowCardinality(String),
    reference_id String,
    version UInt32,
    -- Decisions received until then are counted, of the hours from `filled_from` on.
    received_until DateTime64(9, 'UTC'),
    -- Earlier hours still wait; 0 once all of the past is counted.
    filled_from DateTime('UTC'),
    written_at DateTime64(9, 'UTC')
) ENGINE = {{engine_everywhere ReplacingMergeTree(written_at)}}
ORDER BY (tenant, reference_id, version);
