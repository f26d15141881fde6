-- purpose: what some spans of one trace used together, a row a meter and model; sent twice
--          counts once, and what an agent's span repeats of its calls does not count
-- params: tenant String; trace_id String, span_ids Array(String) (hex); from_ns Int64 (included),
--         to_ns Int64 (excluded)
-- columns: meter, unit, quantity, provider, model
-- tables: charges
SELECT meter, unit, sum(one.quantity) AS quantity, provider, model
FROM (
    SELECT meter, unit, quantity, provider, model
    FROM charges
    WHERE entry = '' AND state != 'quarantined'
        AND tenant = {tenant:String}
        AND time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
        AND time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
        AND trace_id = toFixedString(unhex({trace_id:String}), 16)
        AND has({span_ids:Array(String)}, lower(hex(span_id)))
        AND (NOT aggregate OR length({span_ids:Array(String)}) = 1)
    ORDER BY span_id, meter, precedence DESC
    LIMIT 1 BY span_id, meter
) AS one
GROUP BY meter, unit, provider, model
ORDER BY meter, provider, model
