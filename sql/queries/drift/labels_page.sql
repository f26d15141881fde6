-- purpose: one page of the labels of a slice of time of receipt, newest first
-- params: tenants Array(String) (empty: all but the service's own); from_ns Int64 (included), to_ns Int64
--         (excluded), of receipt;
--         decision_id, label, source String (empty: any); the last row seen: before_ns Int64,
--         before_tenant, before_id String; limit UInt32
-- columns: tenant, decision_id, label, number, source, labelled_ns, received_ns, key_id
-- tables: labels
SELECT
    tenant,
    decision_id,
    label,
    number,
    source,
    toUnixTimestamp64Nano(labelled_at) AS labelled_ns,
    toUnixTimestamp64Nano(received_at) AS received_ns,
    key_id
FROM labels FINAL
WHERE {{of_tenants}}
    AND received_at >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
    AND received_at < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
    AND (received_at, tenant, decision_id) < (
        fromUnixTimestamp64Nano({before_ns:Int64}, 'UTC'), {before_tenant:String}, {before_id:String})
    AND ({decision_id:String} = '' OR decision_id = {decision_id:String})
    AND ({label:String} = '' OR label = {label:String})
    AND ({source:String} = '' OR source = {source:String})
ORDER BY labels.received_at DESC, tenant DESC, decision_id DESC
LIMIT {limit:UInt32}
