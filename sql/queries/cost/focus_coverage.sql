-- purpose: how much of a window an export of money leaves out
-- params: tenants Array(String) (empty: all but the service's own); from_ns Int64 (included) and
--         to_ns Int64 (excluded), both whole hours; known_ns Int64: the last booking counted
-- columns: sum_events, sum_unpriced, sum_quarantined
-- tables: charge_sums
SELECT
    sum(events) AS sum_events,
    sum(unpriced) AS sum_unpriced,
    toInt64(sum(quarantined)) AS sum_quarantined
FROM charge_sums(known_ns = {known_ns:Int64})
WHERE {{of_tenants}}
    AND {{in_whole_hours}}
