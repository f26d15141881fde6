tenant,
    received_at,
    request_id,
    body_hash,
    key_id,
    entry.1 AS state,
    entry.2 AS reason,
    entry.3 AS items,
    entry.4 AS requests,
    entry.5 AS bytes
FROM (
    SELECT
        tenant, request_id,
        any(item_received_at) AS received_at,
        any(item_body_hash) AS body_hash,
        any(item_key_id) AS key_id,
        any(item_wire_bytes) AS wire_bytes,
        count() AS seen,
        countIf(verdict = '') AS kept,
        sumMapIf([verdict], [toUInt64(1)], verdict != '') AS refused
