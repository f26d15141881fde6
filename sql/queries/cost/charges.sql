-- purpose: the newest rows of the ledger in a window: what was booked, at which price, by which rule, and why
-- params: tenants Array(String) (empty: all but the service's own); from_ns Int64 (included), to_ns Int64 (excluded);
--         known_ns Int64 (nothing booked later); trace_id String (hex, empty: any); state, state_reason, price_id, change_id
--         String (empty: any); project, provider, model, prompt, prompt_version, feature, connector, service, environment,
--         operation, meter, tier, kind, user Array(String) (empty: any); the last row seen: before_ns Int64, before_key
--         Array(String); limit UInt32
-- columns: tenant, time_ns, trace, span (hex), meter, entry, kind, state, state_reason, unit, quantity, unpriced, events,
--          service_tier, context_tokens, price_id, price_rule, amount, currency, cost, list_cost, provider, model, operation,
--          service_name, environment, project, user, product_feature, connector, prompt_name, prompt_version, reported,
--          aggregate, retry, change_id, reason, approver, received_ns, booked_ns
-- tables: charges
SELECT
    tenant,
    toUnixTimestamp64Nano(time) AS time_ns,
    lower(hex(trace_id)) AS trace,
    lower(hex(span_id)) AS span,
    meter, entry, toString(kind) AS kind_name, toString(state) AS state_name, state_reason, unit, quantity,
    unpriced, events, service_tier, context_tokens, price_id, price_rule, amount, currency, cost, list_cost, provider, model, operation,
    service_name, environment, project, user, product_feature, connector, prompt_name, prompt_version, reported,
    aggregate, retry, change_id, reason, approver,
    toUnixTimestamp64Nano(received_at) AS received_ns,
    toUnixTimestamp64Nano(booked_at) AS booked_ns
FROM charges FINAL
WHERE {{of_tenants}}
    AND {{in_time}}
    AND booked_at <= fromUnixTimestamp64Nano({known_ns:Int64}, 'UTC')
    AND ({trace_id:String} = '' OR trace_id = toFixedString(unhex({trace_id:String}), 16))
    AND ({state:String} = '' OR toString(state) = {state:String})
    AND ({state_reason:String} = '' OR state_reason = {state_reason:String})
    AND ({price_id:String} = '' OR price_id = {price_id:String})
    AND ({change_id:String} = '' OR change_id = {change_id:String})
    AND {{charged}}
    AND (empty({meter:Array(String)}) OR has({meter:Array(String)}, meter))
    AND (empty({tier:Array(String)}) OR has({tier:Array(String)}, service_tier))
    AND (empty({kind:Array(String)}) OR has({kind:Array(String)}, toString(kind)))
    AND (empty({user:Array(String)}) OR has({user:Array(String)}, user))
    AND (
        time < fromUnixTimestamp64Nano({before_ns:Int64}, 'UTC')
        OR time = fromUnixTimestamp64Nano({before_ns:Int64}, 'UTC')
            AND [toString(tenant), lower(hex(trace_id)), lower(hex(span_id)), toString(meter), entry] > {before_key:Array(String)})
ORDER BY time DESC, tenant, trace, span, meter, entry
LIMIT {limit:UInt32}
