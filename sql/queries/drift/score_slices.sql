-- purpose: the values a dimension has in the decisions of a model in a window, most frequent first
-- params: tenant, model String; from_ns Int64 (included), to_ns Int64 (excluded); dimension String;
--         limit UInt32
-- columns: value, n
-- tables: decisions
SELECT
    multiIf(
        {dimension:String} = 'model_version', toString(model_version),
        {dimension:String} = 'prompt_version', toString(prompt_version),
        {dimension:String} = 'environment', toString(environment),
        {dimension:String} = 'service_name', toString(service_name),
        toString(route)) AS value,
    uniqExact(sipHash64(decision_id)) AS n
FROM decisions
WHERE tenant = {tenant:String}
    AND model_name = {model:String}
    AND time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
    AND time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
GROUP BY value
ORDER BY n DESC, value
LIMIT {limit:UInt32}
