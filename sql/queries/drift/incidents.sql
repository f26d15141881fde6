-- purpose: incidents as they are now, those opened last first
-- params: tenants Array(String) (empty: all); from_ns Int64 (included), to_ns Int64 (excluded) bound when they
--         were opened; id, state, model, monitor_id String (empty: any); the last one seen: before_ns Int64,
--         before_tenant, before_id String; limit UInt32
-- columns: tenant, kind, id, version, op, body, actor, reason, valid_from_ns, recorded_at_ns
-- tables: records
SELECT
    tenant, kind, id, version, op, body, actor, reason,
    toUnixTimestamp64Nano(valid_from) AS valid_from_ns,
    toUnixTimestamp64Nano(recorded_at) AS recorded_at_ns
FROM (
    SELECT
        tenant, kind, id, version, toString(op) AS op, body, actor, reason, valid_from, recorded_at,
        JSONExtractInt(body, 'opened_ns') AS opened_ns
    FROM records
    WHERE kind = 'drift_incident'
        AND (empty({tenants:Array(String)}) OR has({tenants:Array(String)}, tenant))
        AND ({id:String} = '' OR id = {id:String})
    ORDER BY version DESC, recorded_at DESC
    LIMIT 1 BY tenant, id
)
WHERE opened_ns >= {from_ns:Int64}
    AND opened_ns < {to_ns:Int64}
    AND (opened_ns, tenant, id) < ({before_ns:Int64}, {before_tenant:String}, {before_id:String})
    AND ({state:String} = '' OR JSONExtractString(body, 'state') = {state:String})
    AND ({model:String} = '' OR JSONExtractString(body, 'model') = {model:String})
    AND ({monitor_id:String} = '' OR JSONExtractString(body, 'monitor_id') = {monitor_id:String})
ORDER BY opened_ns DESC, tenant DESC, id DESC
LIMIT {limit:UInt32}
