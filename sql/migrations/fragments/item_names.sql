frame_tenant, tenants, request_id, body_hash, frame_received_at, key_id, wire_bytes, origin_id, resource_tenant, service_name, service_version, environment
