-- purpose: charges as the insert books them, four meters a call, over 30 days, for bench/cost.py
-- params: first UInt64 (number of the first charge), charges, all UInt64; start_ns Int64; tenants, models UInt32
-- tables: charges
INSERT INTO charges
    (tenant, time, trace_id, span_id, meter, entry, kind, state, unit, quantity, unpriced, events, price_id, price_rule, amount,
     currency, cost, list_cost, provider, model, operation, service_name, environment, project, user, received_at, booked_at)
WITH
    intDiv(number, 4) AS call,
    1 + cityHash64(number) % 5000 AS tokens,
    -- Models differ from call to call, so that every tenant uses each of them in every hour.
    cityHash64(call, 1) % {models:UInt32} AS model_number,
    toDecimal128(1 + number % 4, 18) / 1000000 AS price
SELECT
    concat('tenant-', toString(cityHash64(call, 2) % {tenants:UInt32})),
    fromUnixTimestamp64Nano({start_ns:Int64} + toInt64(toFloat64(call) / {all:UInt64} * 4 * 2592000) * 1000000000 + toInt64(call % 1000000000), 'UTC'),
    unhex(leftPad(hex(call), 32, '0')),
    unhex(leftPad(hex(call), 16, '0')),
    ['input', 'cache_read', 'output', 'reasoning'][1 + number % 4],
    '', 'usage', 'priced', 'tokens', tokens, 0, 1, 'p1', 'list', price, 'USD', tokens * price, tokens * price,
    'openai', concat('model-', toString(model_number)), 'chat', 'grader', 'production',
    concat('project-', toString(model_number % 3)), concat('user-', toString(cityHash64(call, 3) % 500)),
    now64(9, 'UTC') - 3600, now64(9, 'UTC') - 3600
FROM numbers({first:UInt64}, {charges:UInt64})
