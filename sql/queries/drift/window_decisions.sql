-- purpose: how many decisions a model made in a window, and in which hours
-- params: tenant, model String; from_ns Int64 (included), to_ns Int64 (excluded)
-- columns: hour (its start in seconds since 1970), decisions
-- tables: decisions
SELECT toUInt32(toStartOfHour(toDateTime(time, 'UTC'))) AS hour, count() AS decisions
FROM decisions FINAL
WHERE {{decided}}
GROUP BY hour
ORDER BY hour
