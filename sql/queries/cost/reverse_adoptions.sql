-- purpose: take back adopted usage of traces whose calls reported theirs after all
-- params: booked_from_ns Int64 (included), booked_to_ns Int64 (excluded) bound the bookings looked at; from_ns Int64
--         (included), to_ns Int64 (excluded) bound event time
-- columns: none
-- tables: charges
{{insert_reversals}}
WITH
    adopted AS (
        SELECT tenant, trace_id, unit
        FROM charges
        WHERE {{in_time}}
            AND entry LIKE 'adopted%'
        GROUP BY tenant, trace_id, unit
        HAVING countIf(entry LIKE 'adopted back%') = 0
    ),
    covered AS (
        SELECT DISTINCT tenant, trace_id, unit
        FROM charges
        WHERE {{booked_between}}
            AND {{in_time}}
            AND entry = '' AND NOT aggregate AND state != 'quarantined'
            AND (tenant, trace_id, unit) GLOBAL IN adopted
    )
SELECT
    tenant, time, trace_id, span_id, meter,
    concat('adopted back ', currency) AS entry,
    'reversed', any(c.state), 'reported_below', any(c.unit), -sum(c.quantity), -sum(c.unpriced), -sum(c.events), any(c.service_tier),
    any(c.context_tokens), any(c.price_id), any(c.price_rule), any(c.amount), currency, -sum(c.cost), -sum(c.list_cost),
    any(c.provider), any(c.model), any(c.operation), any(c.service_name), any(c.environment), any(c.project), any(c.user),
    any(c.product_feature), any(c.connector), any(c.prompt_name), any(c.prompt_version), any(c.response_hash), any(c.aggregate),
    any(c.retry), 'the calls of its trace reported theirs', any(c.origin_id), any(c.received_at), now64(9, 'UTC')
FROM charges AS c FINAL
WHERE {{in_time}}
    AND aggregate AND c.state NOT IN ('quarantined', 'aggregate')
    AND (tenant, trace_id, c.unit) GLOBAL IN covered
GROUP BY tenant, time, trace_id, span_id, meter, currency
