-- purpose: what a dimension is in a row of decisions
-- names: d, the dimension. Where that is a constant, only the columns it takes are read.
if(startsWith(d, 'feature:'), feature_string[substring(d, 9)], multiIf(
    d = 'model_version', toString(model_version),
    d = 'prompt_version', toString(prompt_version),
    d = 'environment', toString(environment),
    d = 'service_name', toString(service_name),
    toString(route)))
