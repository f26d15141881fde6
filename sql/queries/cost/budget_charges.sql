-- purpose: money booked between two watermarks, by what budgets tell apart
-- params: follows_ns Int64 (excluded), watermark_ns Int64 (included), slot_ns Int64 (length of a slot),
--         by_user Bool (whether any budget is for a user), reserved_from_ns Int64 (reservations made
--         earlier are no longer tied to their trace)
-- columns: tenant, project, spender, provider, model, product_feature, currency, slot (since 1970),
--          trace (hex; empty where no reservation was made in it), cost
-- tables: charges, budget_entries
SELECT
    tenant,
    project,
    if({by_user:Bool}, user, '') AS spender,
    provider,
    model,
    product_feature,
    currency,
    intDiv(toUnixTimestamp64Nano(time), {slot_ns:Int64}) AS slot,
    if(lower(hex(trace_id)) GLOBAL IN (
        SELECT trace_id
        FROM budget_entries
        WHERE op = 'reserve' AND trace_id != '' AND time >= fromUnixTimestamp64Nano({reserved_from_ns:Int64}, 'UTC')
    ), lower(hex(trace_id)), '') AS trace,
    sum(charges.cost) AS cost
FROM charges FINAL
WHERE {{since_watermark}}
    AND currency != ''
GROUP BY tenant, project, spender, provider, model, product_feature, currency, slot, trace
HAVING cost != 0
