-- purpose: how many decisions of a model carry each embedding
-- params: tenant, model String; from_ns Int64 (included), to_ns Int64 (excluded); hours Array(UInt32):
--         starts of the hours that count, seconds since 1970 (empty: all); dimension, value String
--         (dimension empty: all decisions)
-- columns: embedding ('' counts every decision), n
-- tables: decisions
SELECT
    toString(embedding) AS embedding,
    uniqExact(sipHash64(decision_id)) AS n
FROM decisions
ARRAY JOIN arrayConcat([''], arrayMap(name -> toString(name), mapKeys(embeddings))) AS embedding
WHERE tenant = {tenant:String}
    AND model_name = {model:String}
    AND time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
    AND time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
    AND (empty({hours:Array(UInt32)})
        OR has({hours:Array(UInt32)}, toUInt32(toStartOfHour(toDateTime(time, 'UTC')))))
    AND ({dimension:String} = '' OR {value:String} = multiIf(
        {dimension:String} = 'model_version', toString(model_version),
        {dimension:String} = 'prompt_version', toString(prompt_version),
        {dimension:String} = 'environment', toString(environment),
        {dimension:String} = 'service_name', toString(service_name),
        toString(route)))
GROUP BY embedding
ORDER BY n DESC, embedding
