-- purpose: what became of everything that arrived in a window, by tenant, signal, state and reason
-- params: tenants Array(String) (empty: all, and what belongs to nobody); signal String (empty: all);
--         from_ns Int64 (included), to_ns Int64 (excluded) bound the arrival; limit UInt32
-- columns: tenant, signal, state, reason, items, requests, bytes
-- tables: ingest_ledger
SELECT
    tenant,
    toString(signal) AS kind,
    toString(state) AS outcome,
    reason,
    sum(items) AS total_items,
    sum(requests) AS total_requests,
    sum(bytes) AS total_bytes
FROM ingest_ledger
WHERE if(empty({tenants:Array(String)}), tenant != 'answerable', has({tenants:Array(String)}, tenant))
    AND received_at >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
    AND received_at < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
    AND ({signal:String} = '' OR toString(signal) = {signal:String})
GROUP BY tenant, signal, state, reason
ORDER BY tenant, signal, state, reason
LIMIT {limit:UInt32}
