tenant String,
    tenants Array(String),
    request_id String,
    body_hash String,
    received_at UInt64,
    key_id String,
    wire_bytes UInt32,
    items UInt32
