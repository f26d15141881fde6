-- purpose: the status of migrations; append-only, the last row of a version tells its state
-- params: none; rendered like a migration
CREATE TABLE IF NOT EXISTS schema_migrations {{on_cluster}} (
    version UInt32,
    name String,
    direction Enum8('up' = 1, 'down' = 2),
    sha256 FixedString(64),
    statements UInt32,
    owner String,
    applied_at DateTime64(9, 'UTC')
) ENGINE = {{engine_everywhere MergeTree}}
ORDER BY (version, applied_at)
