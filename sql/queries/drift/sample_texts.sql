-- purpose: the texts of a feature
-- params: tenant, model, feature String; from_ns Int64 (included), to_ns Int64 (excluded);
--         dimension, value String: one slice (dimension empty: everything); limit UInt64
-- columns: text
-- tables: feature_values
SELECT text
FROM feature_values FINAL
WHERE tenant = {tenant:String}
    AND model = {model:String}
    AND feature = {feature:String}
    AND time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
    AND time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
    AND kind = 'text'
    AND multiIf(
        {dimension:String} = '', true,
        {dimension:String} = 'model_version', model_version = {value:String},
        {dimension:String} = 'prompt_version', prompt_version = {value:String},
        {dimension:String} = 'environment', environment = {value:String},
        {dimension:String} = 'service_name', service_name = {value:String},
        {dimension:String} = 'route', route = {value:String},
        decision_hash IN (
            SELECT decision_hash
            FROM feature_values
            WHERE tenant = {tenant:String}
                AND model = {model:String}
                AND feature = substring({dimension:String}, 9)
                AND time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
                AND time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
                AND kind = 'text' AND text = {value:String}))
-- The hash of a decision's id is as good as a draw by lot, and it is the same draw every time.
ORDER BY decision_hash
LIMIT {limit:UInt64}
