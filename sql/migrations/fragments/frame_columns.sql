tenant AS frame_tenant, tenants, request_id, body_hash, received_at AS frame_received_at, key_id, wire_bytes
