-- purpose: the decisions of one trace, newest first
-- params: tenant String; trace_id String (hex); from_ns Int64 (included), to_ns Int64 (excluded);
--         limit UInt32
-- columns: those of collector/decisions
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
WHERE tenant = {tenant:String}
    AND time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
    AND time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
    AND trace_id = toFixedString(unhex({trace_id:String}), 16)
ORDER BY decisions.time DESC, decision_id DESC
LIMIT {limit:UInt32}
