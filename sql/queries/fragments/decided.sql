-- purpose: decisions of a model in a window
-- params: tenant, model String; from_ns, to_ns Int64
tenant = {tenant:String}
    AND model_name = {model:String}
    AND {{in_time}}
