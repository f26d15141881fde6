-- purpose: what was booked for the shortfall of one commitment in one month
-- params: tenant, commitment_id String; from_ns, to_ns Int64 (the end is not included)
-- columns: bookings (how many), booked (their sum)
-- tables: charges
SELECT count() AS bookings, sum(cost) AS booked
FROM charges FINAL
WHERE tenant = {tenant:String}
    AND time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
    AND time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
    AND kind = 'shortfall'
    AND price_id = {commitment_id:String}
