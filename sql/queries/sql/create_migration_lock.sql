-- purpose: take the migration lock; fails where the table exists, which is the lock
-- params: none; sql.migration_lock fills the braces
CREATE TABLE schema_migration_lock {on_cluster} (owner String) ENGINE = Memory COMMENT {comment}
