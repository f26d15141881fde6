-- purpose: give the migration lock back
-- params: none; sql.migration_lock fills the braces
DROP TABLE IF EXISTS schema_migration_lock {on_cluster} SYNC
