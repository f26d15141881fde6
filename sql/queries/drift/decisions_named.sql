-- purpose: what some decisions, known by id, decided; each once, a span before a log record
-- params: tenants Array(String) (empty: all); decision_ids Array(String); from_ns Int64 (included),
--         to_ns Int64 (excluded)
-- columns: tenant, decision_id, time_ns, model, outcome, confidence
-- tables: decisions
SELECT
    tenant,
    decision_id,
    toUnixTimestamp64Nano(time) AS time_ns,
    model_name AS model,
    outcome,
    confidence
FROM decisions
WHERE (empty({tenants:Array(String)}) OR has({tenants:Array(String)}, tenant))
    AND {{in_time}}
    AND decision_id IN {decision_ids:Array(String)}
ORDER BY decisions.source, decisions.time DESC, decisions.received_at DESC
LIMIT 1 BY tenant, decision_id
