-- purpose: which features a model's decisions of a window have
-- params: tenant String, model String, from_ns Int64 (included), to_ns Int64 (excluded)
-- columns: feature, decisions (that have it)
-- tables: feature_values
SELECT feature, uniqExact(decision_hash) AS decisions
FROM feature_values
WHERE tenant = {tenant:String}
    AND model = {model:String}
    AND {{in_time}}
GROUP BY feature
ORDER BY feature
