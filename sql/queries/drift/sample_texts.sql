-- purpose: the texts of a feature
-- params: tenant, model, feature String; from_ns Int64 (included), to_ns Int64 (excluded);
--         dimension, value String: one slice (dimension empty: everything); limit UInt64
-- columns: text
-- tables: feature_values
SELECT text
FROM feature_values FINAL
WHERE {{valued}}
    AND kind = 'text'
-- The hash of a decision's id is as good as a draw by lot, and it is the same draw every time.
ORDER BY decision_hash
LIMIT {limit:UInt64}
