-- purpose: digests of the bodies stored lately, to recognise retries after a restart
-- params: since_ns Int64, most UInt64
-- columns: digest String (hex), oldest first
-- tables: ingest_ledger
SELECT lower(hex(body_hash)) AS digest
FROM ingest_ledger
WHERE received_at >= fromUnixTimestamp64Nano({since_ns:Int64}, 'UTC')
  AND state = 'stored'
  AND body_hash != ''
ORDER BY received_at DESC
LIMIT {most:UInt64}
