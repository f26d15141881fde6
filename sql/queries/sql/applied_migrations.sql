-- purpose: the migrations in force
-- params: none
-- columns: version, name, sha256, applied_at, statements
-- tables: schema_migrations
SELECT version, name, toString(sha256) AS sha256, applied_at, statements
FROM (
    SELECT version, name, direction, sha256, applied_at, statements
    FROM schema_migrations
    ORDER BY version, applied_at DESC
    LIMIT 1 BY version
)
WHERE direction = 'up'
ORDER BY version
