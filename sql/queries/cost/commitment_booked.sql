-- purpose: what was booked for the shortfall of one commitment in one month
-- params: tenant, commitment_id String; from_ns, to_ns Int64 (the end is not included)
-- columns: bookings (how many), booked (their sum)
-- tables: charges
SELECT count() AS bookings, sum(cost) AS booked
FROM charges FINAL
WHERE tenant = {tenant:String}
    AND {{in_time}}
    AND kind = 'shortfall'
    AND price_id = {commitment_id:String}
