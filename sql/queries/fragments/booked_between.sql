-- purpose: charges booked in a stretch of time
-- params: booked_from_ns Int64 (included), booked_to_ns Int64 (excluded)
booked_at >= fromUnixTimestamp64Nano({booked_from_ns:Int64}, 'UTC')
    AND booked_at < fromUnixTimestamp64Nano({booked_to_ns:Int64}, 'UTC')
