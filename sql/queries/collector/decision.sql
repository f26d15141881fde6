-- purpose: the decisions of one id, as spans before as log records, the newest first
-- params: tenants Array(String) (empty: all); decision_id String; from_ns Int64 (included),
--         to_ns Int64 (excluded); limit UInt32
-- columns: those of collector/decisions, and service_version, environment, action_name,
--          action_target, feature_number, feature_string
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
    lower(hex(span_id)) AS span,
    service_version,
    environment,
    action_name,
    action_target,
    feature_number,
    feature_string
FROM decisions FINAL
WHERE (empty({tenants:Array(String)}) OR has({tenants:Array(String)}, tenant))
    AND time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
    AND time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
    AND decision_id = {decision_id:String}
ORDER BY decisions.source, decisions.time DESC, tenant
LIMIT {limit:UInt32}
