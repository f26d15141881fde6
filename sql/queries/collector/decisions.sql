-- purpose: one page of the decisions of a slice of time, newest first
-- params: tenants Array(String) (empty: all but the service's own); from_ns Int64 (included), to_ns Int64 (excluded);
--         service, name, model, route, outcome, subject String (empty: any; name is part of the
--         decision's name); min_confidence, max_confidence Nullable(Float64) (NULL: any);
--         the last row seen: before_ns Int64,
--         before_tenant, before_id String; limit UInt32
-- columns: tenant, time_ns, decision_id, came_as, name, outcome, subject, confidence, the name and
--          version of model, prompt and policy, route, datasets, tokens_input, tokens_output,
--          duration_ns, is_error, service_name, trace, span (hex)
-- tables: decisions
SELECT
    tenant,
    toUnixTimestamp64Nano(time) AS time_ns,
    decision_id,
    toString(source) AS came_as,
    name,
    outcome,
    subject,
    confidence,
    model_name,
    model_version,
    prompt_name,
    prompt_version,
    policy_name,
    policy_version,
    route,
    datasets,
    tokens_input,
    tokens_output,
    duration_ns,
    is_error,
    service_name,
    lower(hex(trace_id)) AS trace,
    lower(hex(span_id)) AS span
FROM decisions FINAL
WHERE if(empty({tenants:Array(String)}), tenant != 'answerable', has({tenants:Array(String)}, tenant))
    AND time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
    AND time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
    AND (time, tenant, decision_id) < (
        fromUnixTimestamp64Nano({before_ns:Int64}, 'UTC'), {before_tenant:String}, {before_id:String})
    AND ({service:String} = '' OR service_name = {service:String})
    AND ({name:String} = '' OR positionCaseInsensitiveUTF8(name, {name:String}) > 0)
    AND ({model:String} = '' OR model_name = {model:String})
    AND ({route:String} = '' OR route = {route:String})
    AND ({outcome:String} = '' OR outcome = {outcome:String})
    AND ({subject:String} = '' OR subject = {subject:String})
    AND ({min_confidence:Nullable(Float64)} IS NULL OR confidence >= {min_confidence:Nullable(Float64)})
    AND ({max_confidence:Nullable(Float64)} IS NULL OR confidence <= {max_confidence:Nullable(Float64)})
ORDER BY decisions.time DESC, tenant DESC, decision_id DESC
LIMIT {limit:UInt32}
