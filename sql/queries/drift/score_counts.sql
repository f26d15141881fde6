-- purpose: how many decisions a model made in a window, by step of time
-- params: tenant, model String; from_ns Int64 (included), to_ns Int64 (excluded); step_ns Int64;
--         dimension, value String (dimension empty: all decisions)
-- columns: step (number of the step), n
-- tables: decisions
SELECT
    toUInt32(intDiv(toUnixTimestamp64Nano(time) - {from_ns:Int64}, {step_ns:Int64})) AS step,
    uniqExact(sipHash64(decision_id)) AS n
FROM decisions
WHERE tenant = {tenant:String}
    AND model_name = {model:String}
    AND time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
    AND time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
    AND ({dimension:String} = '' OR {value:String} = multiIf(
        {dimension:String} = 'model_version', toString(model_version),
        {dimension:String} = 'prompt_version', toString(prompt_version),
        {dimension:String} = 'environment', toString(environment),
        {dimension:String} = 'service_name', toString(service_name),
        toString(route)))
GROUP BY step
ORDER BY step
