GROUP BY tenant, request_id
)
ARRAY JOIN arrayConcat(
    [('received', '', seen, toUInt32(1), wire_bytes)],
    if(kept > 0, [('stored', '', kept, toUInt32(1), wire_bytes)], []),
    arrayMap((r, c, i) -> ('rejected', toString(r), c, toUInt32(kept = 0 AND i = 1), if(kept = 0 AND i = 1, wire_bytes, 0)),
             refused.1, refused.2, arrayEnumerate(refused.1))) AS entry
