-- purpose: what happened in a budget, summed up by steps of time
-- params: tenant String, budget_id String, from_ns Int64 (included), to_ns Int64 (excluded), step_ns Int64
-- columns: step (since 1970), op, amount, entries
-- tables: budget_entries
SELECT
    intDiv(toUnixTimestamp64Nano(time), {step_ns:Int64}) AS step,
    toString(op) AS op,
    sum(budget_entries.amount) AS amount,
    count() AS entries
FROM budget_entries FINAL
WHERE tenant = {tenant:String} AND budget_id = {budget_id:String}
    AND {{in_time}}
GROUP BY step, op
ORDER BY step, op
