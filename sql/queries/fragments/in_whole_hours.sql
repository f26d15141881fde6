-- purpose: sums of the hours of a window of time
-- params: from_ns Int64 (included), to_ns Int64 (excluded)
hour >= toDateTime(fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC'))
    AND hour < toDateTime(fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC'))
