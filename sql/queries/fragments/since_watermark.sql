-- purpose: charges booked between two marks
-- params: follows_ns Int64 (excluded), watermark_ns Int64 (included)
booked_at > fromUnixTimestamp64Nano({follows_ns:Int64}, 'UTC')
    AND booked_at <= fromUnixTimestamp64Nano({watermark_ns:Int64}, 'UTC')
    AND state != 'aggregate'
