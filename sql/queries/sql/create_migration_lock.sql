-- purpose: take the migration lock; fails where the table exists, which is the lock
-- params: none; sql.migration_lock fills the braces
-- columns: none
-- tables: schema_migration_lock
CREATE TABLE schema_migration_lock {on_cluster} (owner String) ENGINE = Memory COMMENT {comment}
