-- purpose: how many decisions of a model carry each embedding
-- params: tenant, model String; from_ns Int64 (included), to_ns Int64 (excluded); hours Array(UInt32):
--         starts of the hours that count, seconds since 1970 (empty: all); dimension, value String
--         (dimension empty: all decisions)
-- columns: embedding ('' counts every decision), n
-- tables: decisions
WITH {dimension:String} AS d
SELECT
    toString(embedding) AS embedding,
    uniqExact(sipHash64(decision_id)) AS n
FROM decisions
ARRAY JOIN arrayConcat([''], arrayMap(name -> toString(name), mapKeys(embeddings))) AS embedding
WHERE {{decided}}
    AND {{in_hours}}
    AND {{in_slice}}
GROUP BY embedding
ORDER BY n DESC, embedding
