-- purpose: take back calls that were reported by several spans (an SDK and its gateway, two instrumentations): all
--          but one of those with the same response id of the provider
-- params: booked_from_ns, booked_to_ns Int64 (the second excluded) bound the bookings looked at; near_ns Int64, how far
--         apart in event time one call may be reported; from_ns Int64 (included), to_ns Int64 (excluded) bound event time
-- columns: none
-- tables: charges
{{insert_reversals}}
WITH
    recent AS (
        SELECT DISTINCT tenant, response_hash
        FROM charges
        WHERE {{booked_between}}
            AND {{in_time}}
            AND response_hash != 0 AND entry = '' AND NOT aggregate
    ),
    spans_of AS (
        SELECT
            tenant, response_hash, trace_id, span_id, time,
            max(entry LIKE 'double%') AS reversed,
            sum(c.unpriced) > 0 AS lacks_price,
            minIf(c.booked_at, entry = '') AS booked
        FROM charges AS c
        WHERE {{in_time}}
            AND (tenant, response_hash) GLOBAL IN recent
            AND NOT aggregate AND state != 'quarantined'
        GROUP BY tenant, response_hash, trace_id, span_id, time
    ),
    doubles AS (
        SELECT tenant, span.3 AS trace_id, span.4 AS span_id, kept.3 AS kept_trace, kept.4 AS kept_span
        FROM (
            -- One with a price goes before one without, then the one booked first.
            SELECT
                tenant, response_hash,
                arraySort(groupArrayIf((lacks_price, booked, trace_id, span_id, time), NOT reversed)) AS found,
                found[1] AS kept
            FROM spans_of
            GROUP BY tenant, response_hash
            HAVING length(found) > 1
        )
        ARRAY JOIN arraySlice(found, 2) AS span
        WHERE abs(toUnixTimestamp64Nano(span.5) - toUnixTimestamp64Nano(kept.5)) <= {near_ns:Int64}
    )
SELECT
    tenant, time, trace_id, span_id, meter,
    concat('double ', currency) AS entry,
    'reversed', any(c.state), 'double', any(c.unit), -sum(c.quantity), -sum(c.unpriced), -sum(c.events), any(c.service_tier),
    any(c.context_tokens), any(c.price_id), any(c.price_rule), any(c.amount), currency, -sum(c.cost), -sum(c.list_cost),
    any(c.provider), any(c.model), any(c.operation), any(c.service_name), any(c.environment), any(c.project), any(c.user),
    any(c.product_feature), any(c.connector), any(c.prompt_name), any(c.prompt_version), any(c.response_hash), any(c.aggregate),
    any(c.retry),
    concat('same response as span ', lower(hex(any(doubles.kept_span))), ' of trace ', lower(hex(any(doubles.kept_trace)))),
    any(c.origin_id), any(c.received_at), now64(9, 'UTC')
FROM (
    SELECT
        tenant, time, trace_id, span_id, meter, state, unit, quantity, unpriced, events, service_tier, context_tokens, price_id,
        price_rule, amount, currency, cost, list_cost, provider, model, operation, service_name, environment, project, user,
        product_feature, connector, prompt_name, prompt_version, response_hash, aggregate, retry, origin_id, received_at
    FROM charges FINAL
    WHERE {{in_time}}
        AND state NOT IN ('quarantined', 'aggregate')
        AND (tenant, trace_id, span_id) GLOBAL IN (SELECT tenant, trace_id, span_id FROM doubles)
) AS c
INNER JOIN doubles USING (tenant, trace_id, span_id)
GROUP BY tenant, time, trace_id, span_id, meter, currency
