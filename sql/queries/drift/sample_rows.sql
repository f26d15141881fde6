-- purpose: decisions of a model with some of their features
-- params: tenant, model String; from_ns Int64 (included), to_ns Int64 (excluded); features Array(String);
--         limit UInt64
-- columns: decision_id, time_ns, model_version, prompt_version, environment, service_name, route, outcome,
--          confidence, is_error, numbers and texts (of each feature, null where it is not one)
-- tables: decisions
SELECT
    decision_id, toUnixTimestamp64Nano(time) AS time_ns,
    toString(model_version) AS model_version, toString(prompt_version) AS prompt_version,
    toString(environment) AS environment, toString(service_name) AS service_name, toString(route) AS route,
    outcome, confidence, is_error,
    arrayMap(
        f -> multiIf(
            mapContains(feature_number, f), feature_number[f],
            f = '@confidence', confidence,
            f = '@input_tokens', toFloat64(tokens_input),
            f = '@output_tokens', toFloat64(tokens_output),
            f = '@duration_s' AND duration_ns > 0, duration_ns / 1e9,
            NULL),
        {features:Array(String)}) AS numbers,
    arrayMap(
        f -> multiIf(
            mapContains(feature_string, f), feature_string[f],
            f = '@outcome' AND outcome != '', outcome,
            NULL),
        {features:Array(String)}) AS texts
FROM decisions FINAL
WHERE {{decided}}
-- The hash of a decision's id is as good as a draw by lot, and it is the same draw every time.
ORDER BY sipHash64(decision_id)
LIMIT {limit:UInt64}
