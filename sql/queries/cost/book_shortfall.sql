-- purpose: book what a commitment was short of in a month, on the engine's clock as all bookings are
-- params: tenant, commitment_id, entry, provider, currency, reason String; time_ns Int64 (the last moment of the month);
--         cost Decimal(38, 18)
-- columns: none
-- tables: charges
INSERT INTO charges
    (tenant, time, trace_id, span_id, meter, entry, kind, state, unit, quantity, currency, cost, list_cost, price_id, price_rule, provider,
     reason, received_at, booked_at)
SELECT
    {tenant:String}, fromUnixTimestamp64Nano({time_ns:Int64}, 'UTC'), toFixedString('', 16), toFixedString('', 8), 'commitment',
    {entry:String}, 'shortfall', 'priced', 'count', 0, {currency:String}, {cost:Decimal(38, 18)}, 0, {commitment_id:String},
    'committed spend of the month that was not reached', {provider:String}, {reason:String}, now64(9, 'UTC'), now64(9, 'UTC')
