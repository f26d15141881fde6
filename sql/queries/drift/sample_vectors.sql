-- purpose: embeddings of decisions, those of the most frequent length
-- params: tenant, model, embedding String; from_ns Int64 (included), to_ns Int64 (excluded);
--         dimension, value String: one slice (dimension empty: everything); limit UInt64
-- columns: vector
-- tables: decisions
WITH
    found AS (
        SELECT sipHash64(decision_id) AS drawn, embeddings[{embedding:String}] AS held
        FROM decisions FINAL
        WHERE tenant = {tenant:String}
            AND model_name = {model:String}
            AND time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
            AND time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
            AND notEmpty(held) AND arrayAll(x -> isFinite(x), held)
            AND multiIf(
                {dimension:String} = '', true,
                {dimension:String} = 'model_version', model_version = {value:String},
                {dimension:String} = 'prompt_version', prompt_version = {value:String},
                {dimension:String} = 'environment', environment = {value:String},
                {dimension:String} = 'service_name', service_name = {value:String},
                {dimension:String} = 'route', route = {value:String},
                feature_string[substring({dimension:String}, 9)] = {value:String})),
    usual AS (SELECT length(held) AS size FROM found GROUP BY size ORDER BY count() DESC, size LIMIT 1)
SELECT held AS vector
FROM found
WHERE length(held) IN (SELECT size FROM usual)
-- The hash of a decision's id is as good as a draw by lot, and it is the same draw every time.
ORDER BY drawn
LIMIT {limit:UInt64}
