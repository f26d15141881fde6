-- purpose: the latest hours of a model before a time
-- params: tenant, model String; before_s UInt32 (excluded), seconds since 1970; limit UInt32
-- columns: hour (its start in seconds since 1970)
-- tables: decisions
SELECT DISTINCT toUInt32(toStartOfHour(toDateTime(time, 'UTC'))) AS hour
FROM decisions
WHERE tenant = {tenant:String}
    AND model_name = {model:String}
    AND time < toDateTime({before_s:UInt32}, 'UTC')
ORDER BY hour DESC
LIMIT {limit:UInt32}
