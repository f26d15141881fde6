tenant AS frame_tenant, tenants, request_id, body_hash, received_at AS frame_received_at, key_id, wire_bytes, default_tenant,
            part.resource.attributes AS resource_attributes,
            part.resource.dropped_attributes_count AS resource_dropped_attributes_count,
            part.schema_url AS resource_schema_url
