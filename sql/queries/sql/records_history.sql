-- purpose: every row ever written about one record, oldest first
-- params: tenant String, kind String, id String, limit UInt32
-- result: tenant, kind, id, version, op, body, actor, reason, valid_from_ns, recorded_at_ns
-- tables: records
SELECT
    tenant, kind, id, version, op, body, actor, reason,
    toUnixTimestamp64Nano(valid_from) AS valid_from_ns,
    toUnixTimestamp64Nano(recorded_at) AS recorded_at_ns
FROM records
WHERE tenant = {tenant:String} AND kind = {kind:String} AND id = {id:String}
ORDER BY version, recorded_at
LIMIT {limit:UInt32}
