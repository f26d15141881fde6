-- purpose: tenants and signals whose final states do not sum to what was received in a window
-- params: tenants Array(String) (empty: all, and what belongs to nobody); signal String (empty: all);
--         from_ns Int64 (included), to_ns Int64 (excluded) bound the arrival; limit UInt32
-- columns: tenant, signal, items, requests: received less the sum of the final states
-- tables: ingest_ledger
SELECT
    tenant,
    toString(signal) AS kind,
    sumIf(toInt64(items), state = 'received') - sumIf(toInt64(items), state != 'received') AS missing_items,
    sumIf(toInt64(requests), state = 'received') - sumIf(toInt64(requests), state != 'received') AS missing_requests
FROM ingest_ledger
WHERE if(empty({tenants:Array(String)}), tenant != 'answerable', has({tenants:Array(String)}, tenant))
    AND received_at >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
    AND received_at < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
    AND ({signal:String} = '' OR toString(signal) = {signal:String})
GROUP BY tenant, signal
HAVING missing_items != 0 OR missing_requests != 0
ORDER BY tenant, signal
LIMIT {limit:UInt32}
