-- purpose: the hours of a model that something was received for between two marks
-- params: tenant, model String; after_ns Int64 (excluded), until_ns Int64 (included): when it was received;
--         filled_from_s UInt32: earlier hours wait for their history to be filled in
-- columns: hour (its start in seconds since 1970), first_ns (when the first of it was received)
-- tables: decisions
SELECT toUInt32(toStartOfHour(toDateTime(time, 'UTC'))) AS hour, toUnixTimestamp64Nano(min(received_at)) AS first_ns
FROM decisions
WHERE tenant = {tenant:String}
    AND model_name = {model:String}
    AND received_at > fromUnixTimestamp64Nano({after_ns:Int64}, 'UTC')
    AND received_at <= fromUnixTimestamp64Nano({until_ns:Int64}, 'UTC')
    AND time >= toDateTime({filled_from_s:UInt32}, 'UTC')
GROUP BY hour
ORDER BY first_ns, hour
