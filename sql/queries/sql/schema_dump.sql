-- purpose: the statement that would make each table and view again
-- params: none
-- result: name, statement
SELECT name, formatQuery(create_table_query) AS statement
FROM system.tables
WHERE database = currentDatabase() AND name != 'schema_migration_lock'
    AND NOT startsWith(name, '.inner')
ORDER BY name
