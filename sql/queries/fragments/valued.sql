-- purpose: values of a feature in a window, of a slice
-- params: tenant, model, feature String; from_ns, to_ns Int64; dimension, value String (dimension empty: all)
tenant = {tenant:String}
    AND model = {model:String}
    AND feature = {feature:String}
    AND {{in_time}}
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
                AND {{in_time}}
                AND kind = 'text' AND text = {value:String}))
