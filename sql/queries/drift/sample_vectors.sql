-- purpose: embeddings of decisions, those of the most frequent length
-- params: tenant, model, embedding String; from_ns Int64 (included), to_ns Int64 (excluded);
--         dimension, value String: one slice (dimension empty: everything); limit UInt64
-- columns: vector
-- tables: decisions
WITH
    {dimension:String} AS d,
    found AS (
        SELECT sipHash64(decision_id) AS drawn, embeddings[{embedding:String}] AS held
        FROM decisions FINAL
        WHERE {{decided}}
            AND notEmpty(held) AND arrayAll(x -> isFinite(x), held)
            AND {{in_slice}}),
    usual AS (SELECT length(held) AS size FROM found GROUP BY size ORDER BY count() DESC, size LIMIT 1)
SELECT held AS vector
FROM found
WHERE length(held) IN (SELECT size FROM usual)
-- The hash of a decision's id is as good as a draw by lot, and it is the same draw every time.
ORDER BY drawn
LIMIT {limit:UInt64}
