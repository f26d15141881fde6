-- purpose: what the engine refused of the requests of one group, right after their insert
-- params: requests Array(String), first_ns Int64, last_ns Int64 (arrival times of the group)
-- columns: request_id String, reason String, items UInt64
-- tables: ingest_ledger
SELECT
    request_id,
    reason,
    sum(items) AS items
FROM ingest_ledger
WHERE received_at >= fromUnixTimestamp64Nano({first_ns:Int64}, 'UTC')
  AND received_at <= fromUnixTimestamp64Nano({last_ns:Int64}, 'UTC')
  AND state = 'rejected'
  AND request_id IN {requests:Array(String)}
GROUP BY request_id, reason
