{{item_names}},
        multiIf(frame_tenant != '', frame_tenant, item_tenant != '', item_tenant, resource_tenant) AS claimed,
        multiIf(
            frame_tenant != '', '',
            claimed = '', 'tenant_missing',
            NOT hasAny(tenants, [claimed, '*']), 'tenant_not_allowed',
            '') AS tenant_verdict
