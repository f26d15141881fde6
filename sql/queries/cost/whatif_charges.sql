-- purpose: the charges of a window in the order they happened, every meter of a span with all its bookings;
--          a fee for an unused commitment is no call
-- params: tenants Array(String) (empty: all but the service's own); from_ns Int64 (included) and
--         to_ns Int64 (excluded) bound event time; known_ns Int64: the last booking counted
-- columns: tenant, at_ns, trace, span (hex), meter, provider, model, unit, service_tier, project, user, context_tokens,
--          costs (map by currency), sum_quantity, sum_events, sum_unpriced
-- tables: charges
SELECT
    tenant,
    toUnixTimestamp64Nano(c.time) AS at_ns,
    lower(hex(trace_id)) AS trace,
    lower(hex(span_id)) AS span,
    meter,
    any(c.provider) AS provider,
    any(c.model) AS model,
    any(c.unit) AS unit,
    any(c.service_tier) AS service_tier,
    any(c.project) AS project,
    any(c.user) AS user,
    any(c.context_tokens) AS context_tokens,
    sumMap(map(toString(c.currency), c.cost)) AS costs,
    sum(c.quantity) AS sum_quantity,
    sum(toInt64(c.events)) AS sum_events,
    sum(toInt64(c.unpriced)) AS sum_unpriced
FROM charges AS c FINAL
WHERE {{of_tenants}}
    AND c.time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
    AND c.time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
    AND c.booked_at <= fromUnixTimestamp64Nano({known_ns:Int64}, 'UTC')
    AND c.state NOT IN ('aggregate', 'quarantined')
    AND c.kind != 'shortfall'
GROUP BY tenant, c.time, trace_id, span_id, meter
ORDER BY c.time, tenant, trace_id, span_id, meter
