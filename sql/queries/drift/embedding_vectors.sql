-- purpose: vectors of one embedding of a model's decisions, chosen by the hash of the decision's id
-- params: tenant, model, embedding String; from_ns Int64 (included), to_ns Int64 (excluded); hours
--         Array(UInt32): starts of the hours that count, seconds since 1970 (empty: all); dimension, value
--         String (dimension empty: all decisions); modulo UInt64 (takes one in so many); limit UInt32
-- columns: vector
-- tables: decisions
WITH {dimension:String} AS d
SELECT vector
FROM (
    SELECT
        sipHash64(decision_id) AS chosen,
        embeddings[{embedding:String}] AS vector
    FROM decisions
    WHERE {{decided}}
        AND {{in_hours}}
        AND {{in_slice}}
        AND sipHash64(decision_id) % {modulo:UInt64} = 0
        AND mapContains(embeddings, {embedding:String})
    ORDER BY chosen, received_at DESC
    LIMIT 1 BY chosen)
ORDER BY chosen
LIMIT {limit:UInt32}
