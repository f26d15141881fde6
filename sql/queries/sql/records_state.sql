-- purpose: the records of a kind as they were at one time, as far as they were known at another
-- params: tenants Array(String) (empty: all), kind String, ids Array(String) (empty: all),
--         as_of Int64 and known_at Int64 (UTC ns), after_tenant String, after_id String, limit UInt32
-- result: tenant, kind, id, version, op, body, actor, reason, valid_from_ns, recorded_at_ns
-- tables: records
--
-- Among the rows known then and valid by then, a delete voids every version before it; of the
-- rest the one valid latest holds, and of several valid from the same moment the newest.
SELECT
    tenant, kind, id, version, op, body, actor, reason,
    toUnixTimestamp64Nano(valid_from) AS valid_from_ns,
    toUnixTimestamp64Nano(recorded_at) AS recorded_at_ns
FROM (
    SELECT
        tenant, kind, id, version, op, body, actor, reason, valid_from, recorded_at,
        max(if(op = 'delete', version, 0)) OVER (PARTITION BY tenant, id) AS voided_up_to
    FROM records
    WHERE kind = {kind:String}
        AND (empty({tenants:Array(String)}) OR has({tenants:Array(String)}, tenant))
        AND (empty({ids:Array(String)}) OR has({ids:Array(String)}, id))
        AND (tenant, id) > ({after_tenant:String}, {after_id:String})
        AND valid_from <= fromUnixTimestamp64Nano({as_of:Int64}, 'UTC')
        AND recorded_at <= fromUnixTimestamp64Nano({known_at:Int64}, 'UTC')
)
WHERE version > voided_up_to
ORDER BY tenant, id, valid_from DESC, version DESC, recorded_at DESC
LIMIT 1 BY tenant, id
LIMIT {limit:UInt32}
