frame_tenant, tenants, request_id, body_hash, frame_received_at, key_id, wire_bytes, default_tenant,
        resource_attributes, resource_dropped_attributes_count, resource_schema_url,
        tupleElement(part, 'scope').name AS scope_name,
        tupleElement(part, 'scope').version AS scope_version,
        tupleElement(part, 'scope').attributes AS scope_attributes,
        tupleElement(part, 'scope').dropped_attributes_count AS scope_dropped_attributes_count,
        part.schema_url AS scope_schema_url
