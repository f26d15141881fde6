-- purpose: push the expiry of the migration lock forward
-- params: none; sql.migration_lock fills the braces
-- columns: none
-- tables: schema_migration_lock
ALTER TABLE schema_migration_lock {on_cluster} MODIFY COMMENT {comment}
