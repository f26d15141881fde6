-- purpose: money one budget was charged from a time on, as far as it was booked by a watermark
-- params: tenant, project, user, provider, feature String (empty: any), from_ns Int64 (included),
--         watermark_ns Int64 (included), slot_ns Int64 (length of a slot)
-- columns: model, currency, slot (since 1970), cost
-- tables: charges
SELECT
    model,
    currency,
    intDiv(toUnixTimestamp64Nano(time), {slot_ns:Int64}) AS slot,
    sum(charges.cost) AS cost
FROM charges FINAL
WHERE ({tenant:String} = '' OR tenant = {tenant:String})
    AND time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
    AND booked_at <= fromUnixTimestamp64Nano({watermark_ns:Int64}, 'UTC')
    AND state != 'aggregate'
    AND currency != ''
    AND ({project:String} = '' OR project = {project:String})
    AND ({user:String} = '' OR user = {user:String})
    AND ({provider:String} = '' OR provider = {provider:String})
    AND ({feature:String} = '' OR product_feature = {feature:String})
GROUP BY model, currency, slot
HAVING cost != 0
