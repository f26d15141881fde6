-- purpose: the numbers of a feature
-- params: tenant, model, feature String; from_ns Int64 (included), to_ns Int64 (excluded);
--         dimension, value String: one slice (dimension empty: everything); limit UInt64
-- columns: number
-- tables: feature_values
SELECT number
FROM feature_values FINAL
WHERE {{valued}}
    AND kind = 'number'
-- The hash of a decision's id is as good as a draw by lot, and it is the same draw every time.
ORDER BY decision_hash
LIMIT {limit:UInt64}
