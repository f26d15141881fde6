-- purpose: which features models' decisions of a window have
-- params: tenants, models Array(String): every model of every tenant is looked for; from_ns Int64 (included),
--         to_ns Int64 (excluded); most UInt32: features of one model
-- columns: tenant, model, features (in alphabetical order)
-- tables: feature_values
-- A sorted DISTINCT skips what it has seen; to group, every value would be read.
SELECT
    toString(seen.tenant) AS tenant, toString(seen.model) AS model,
    arraySort(groupArray({most:UInt32})(toString(seen.feature))) AS features
FROM (
    SELECT DISTINCT tenant, model, feature
    FROM feature_values
    WHERE tenant IN {tenants:Array(String)}
        AND model IN {models:Array(String)}
        AND {{in_time}}) AS seen
GROUP BY tenant, model
