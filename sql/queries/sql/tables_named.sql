-- purpose: whether tables exist, and the comment each carries
-- params: names Array(String)
-- result: name, comment
SELECT name, comment
FROM system.tables
WHERE database = currentDatabase() AND name IN ({names:Array(String)})
