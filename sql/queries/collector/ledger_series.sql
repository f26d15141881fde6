-- purpose: what became of everything that arrived in a window, by bucket of time and state
-- params: tenants Array(String) (empty: all, and what belongs to nobody); signal String (empty: all);
--         from_ns Int64 (included), to_ns Int64 (excluded) bound the arrival; bucket_ns Int64
-- columns: bucket (number of the bucket since 1970), state, items, requests, bytes
-- tables: ingest_ledger
SELECT
    intDiv(toUnixTimestamp64Nano(received_at), {bucket_ns:Int64}) AS bucket,
    toString(state) AS outcome,
    sum(items) AS total_items,
    sum(requests) AS total_requests,
    sum(bytes) AS total_bytes
FROM ingest_ledger
WHERE if(empty({tenants:Array(String)}), tenant != 'answerable', has({tenants:Array(String)}, tenant))
    AND received_at >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
    AND received_at < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
    AND ({signal:String} = '' OR toString(signal) = {signal:String})
GROUP BY bucket, state
ORDER BY bucket, state
