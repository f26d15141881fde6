-- purpose: what became of single requests, newest first; `received` is left out, for every request
--          has a final state beside it
-- params: tenants Array(String) (empty: all, and what belongs to nobody); signal String (empty: all);
--         from_ns Int64 (included), to_ns Int64 (excluded) bound the arrival; the last row seen:
--         before_ns Int64, before Array(String) (tenant, signal, state, reason, request, key);
--         limit UInt32
-- columns: time_ns, tenant, signal, state, reason, items, requests, bytes, request_id, key_id
-- tables: ingest_ledger
SELECT
    toUnixTimestamp64Nano(received_at) AS time_ns,
    tenant,
    toString(signal) AS kind,
    toString(state) AS outcome,
    reason,
    items,
    requests,
    bytes,
    request_id,
    key_id
FROM ingest_ledger
WHERE if(empty({tenants:Array(String)}), tenant != 'answerable', has({tenants:Array(String)}, tenant))
    AND received_at >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
    AND received_at < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
    AND ({signal:String} = '' OR toString(signal) = {signal:String})
    AND state != 'received'
    AND (received_at, [toString(tenant), toString(signal), toString(state), toString(reason), request_id, toString(key_id)]) < (
        fromUnixTimestamp64Nano({before_ns:Int64}, 'UTC'), {before:Array(String)})
ORDER BY received_at DESC,
    [toString(tenant), toString(signal), toString(state), toString(reason), request_id, toString(key_id)] DESC
LIMIT {limit:UInt32}
