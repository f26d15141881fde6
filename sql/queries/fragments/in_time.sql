-- purpose: rows of a window of time
-- params: from_ns Int64 (included), to_ns Int64 (excluded)
time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
    AND time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
