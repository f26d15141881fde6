-- purpose: what the spans of some traces cost, to settle the reservations made in them
-- params: tenants Array(String), traces Array(String) (hex), from_ns Int64 (included), to_ns Int64 (excluded),
--         quiet_ns Int64 (nothing may have been booked for so long)
-- columns: tenant, trace (hex), span (hex), start_ns, currency, cost, events, unpriced, quiet
-- tables: charges
SELECT
    tenant,
    lower(hex(trace_id)) AS trace,
    lower(hex(span_id)) AS span,
    toUnixTimestamp64Nano(time) AS start_ns,
    currency,
    sum(charges.cost) AS cost,
    sum(charges.events) AS events,
    sum(charges.unpriced) AS unpriced,
    max(booked_at) <= fromUnixTimestamp64Nano(toUnixTimestamp64Nano(now64(9, 'UTC')) - {quiet_ns:Int64}, 'UTC') AS quiet
FROM charges FINAL
WHERE tenant IN {tenants:Array(String)}
    AND {{in_time}}
    AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16))
    AND state != 'aggregate'
GROUP BY tenant, trace, span, start_ns, currency
