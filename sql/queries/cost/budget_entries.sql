-- purpose: what happened in a budget, newest first
-- params: tenant String, budget_id String, from_ns Int64 (included), to_ns Int64 (excluded),
--         before_ns Int64 and before_entry String (the last row seen), limit UInt32
-- columns: time_ns, entry_id, op, reservation_id, amount, currency, decision, reason, late, call_tenant,
--          project, user, feature, provider, model
-- tables: budget_entries
SELECT
    toUnixTimestamp64Nano(time) AS time_ns, entry_id, toString(op) AS op, reservation_id, amount, currency,
    decision, reason, late, call_tenant, project, user, feature, provider, model
FROM budget_entries FINAL
WHERE tenant = {tenant:String} AND budget_id = {budget_id:String}
    AND {{in_time}}
    AND (time, entry_id) < (fromUnixTimestamp64Nano({before_ns:Int64}, 'UTC'), {before_entry:String})
ORDER BY time DESC, entry_id DESC
LIMIT {limit:UInt32}
