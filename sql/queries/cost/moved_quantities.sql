-- purpose: quantities whose money stands in another currency than they do: a price that came late, was
--          withdrawn, or changed its currency is booked beside the quantity, not with it
-- params: tenants Array(String) (empty: all but the service's own); from_ns Int64 (included) and
--         to_ns Int64 (excluded) bound event time; known_ns Int64: the last booking counted
-- columns: day, tenant, project, provider, model, meter, unit, service_tier, source, target (currencies, empty
--          for none), moved
-- tables: charges
SELECT
    day, tenant, project, provider, model, meter, unit, service_tier,
    held.1 AS source,
    target,
    sum(held.2) AS moved
FROM (
    SELECT
        tenant, meter,
        toDate(time, 'UTC') AS day,
        any(b.project) AS project,
        any(b.provider) AS provider,
        any(b.model) AS model,
        any(b.unit) AS unit,
        any(b.service_tier) AS service_tier,
        sumMap([toString(b.currency)], [b.quantity]) AS quantities,
        sumMap([toString(b.currency)], [b.cost]) AS costs,
        sum(toInt64(b.unpriced)) AS left_unpriced,
        argMaxIf(toString(b.currency), b.booked_at, b.kind = 'late_price') AS late_currency,
        arrayFirst((c, cost) -> c != '' AND cost != 0, costs.1, costs.2) AS money_currency,
        multiIf(left_unpriced > 0, '', money_currency != '', money_currency, late_currency) AS target,
        arrayZip(quantities.1, quantities.2) AS all_held
    FROM charges AS b FINAL
    WHERE {{of_tenants}}
        AND {{in_time}}
        AND booked_at <= fromUnixTimestamp64Nano({known_ns:Int64}, 'UTC')
        AND state NOT IN ('aggregate', 'quarantined')
    GROUP BY tenant, time, trace_id, span_id, meter
    HAVING countIf(b.kind IN ('late_price', 'correction')) > 0
)
ARRAY JOIN all_held AS held
WHERE held.1 != target AND held.2 != 0
GROUP BY ALL
