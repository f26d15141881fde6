-- purpose: what was reported and cannot be, by reason and by who reports it, with an example
-- params: tenants Array(String) (empty: all but the service's own); from_ns Int64 (included), to_ns Int64 (excluded);
--         known_ns Int64 (nothing booked later); limit UInt32
-- columns: tenant, service_name, provider, model, meter, state_reason, charges, reported_last, trace_last, span_last (hex), last_ns
-- tables: charges
SELECT
    tenant, service_name, provider, model, meter, state_reason,
    count() AS charges,
    argMax(reported, time) AS reported_last,
    lower(hex(argMax(trace_id, time))) AS trace_last,
    lower(hex(argMax(span_id, time))) AS span_last,
    toUnixTimestamp64Nano(max(time)) AS last_ns
FROM charges FINAL
WHERE {{of_tenants}}
    AND {{in_time}}
    AND booked_at <= fromUnixTimestamp64Nano({known_ns:Int64}, 'UTC')
    AND state = 'quarantined'
GROUP BY tenant, service_name, provider, model, meter, state_reason
ORDER BY charges DESC, tenant, service_name, provider, model, meter, state_reason
LIMIT {limit:UInt32}
