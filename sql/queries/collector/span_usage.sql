-- purpose: what one span used, a row a meter; sent twice counts once
-- params: tenant String; trace_id, span_id String (hex); from_ns Int64 (included),
--         to_ns Int64 (excluded)
-- columns: meter, unit, quantity, provider, model
-- tables: usage
SELECT meter, unit, quantity, provider, model
FROM usage
WHERE tenant = {tenant:String}
    AND time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
    AND time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
    AND trace_id = toFixedString(unhex({trace_id:String}), 16)
    AND span_id = toFixedString(unhex({span_id:String}), 8)
ORDER BY meter, received_at DESC
LIMIT 1 BY meter
