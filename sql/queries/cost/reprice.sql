-- purpose: bring charges up to the published prices: for every key that a book changed against the book
--          before, a row with the difference between what was booked and what it costs now
-- params: book_version, previous_version, newest_version UInt64; change_id, reason, approver String; entry String (names the
--         booking; another pass needs another name); from_ns Int64 (included), to_ns Int64 (excluded) bound event time
-- columns: none
-- tables: charges, price_points, price_points_dictionary
INSERT INTO charges
    (tenant, time, trace_id, span_id, meter, entry, kind, state, state_reason, unit, quantity, unpriced, events, service_tier,
     context_tokens, price_id, price_rule, amount, currency, cost, list_cost, provider, model, operation, service_name, environment,
     project, user, product_feature, connector, prompt_name, prompt_version, response_hash, aggregate, retry, change_id, reason,
     approver, origin_id, received_at, booked_at)
WITH
    {{changed_prices}},
    -- What the span said, or the adopted repeat of its calls: the row all others of the key refer to.
    firsts AS (
        SELECT
            tenant, time, trace_id, span_id, meter, unit, quantity, unpriced, events, service_tier, context_tokens, currency, cost,
            list_cost, provider, model, operation, service_name, environment, project, user, product_feature, connector, prompt_name,
            prompt_version, response_hash, aggregate, retry, origin_id, received_at,
            if(dictHas('price_points_dictionary', (tenant, lower(provider), lower(model), meter, service_tier), time), tenant, '') AS holder,
            dictGet('price_points_dictionary', ('currency', 'above', 'amounts', 'list_amounts', 'price_ids', 'rules'), (holder, lower(provider), lower(model), meter, service_tier), time) AS found
        FROM charges FINAL
        WHERE {{in_time}}
            AND (entry = '' AND state NOT IN ('quarantined', 'aggregate') OR entry = 'adopted')
            AND (has(tenants, '') OR has(tenants, tenant))
            AND (lower(provider), lower(model), meter) IN (SELECT provider, model, meter FROM changed)
    ),
    bookings AS (
        SELECT
            tenant, time, trace_id, span_id, meter,
            sum(b.quantity) AS booked_quantity,
            sum(toInt64(b.unpriced)) AS booked_unpriced,
            sum(toInt64(b.events)) AS booked_events,
            groupArray((toString(b.currency), b.cost, b.list_cost)) AS booked
        FROM charges AS b FINAL
        WHERE {{in_time}}
            AND entry NOT IN ('', 'adopted')
            AND (has(tenants, '') OR has(tenants, tenant))
            AND (lower(provider), lower(model), meter) IN (SELECT provider, model, meter FROM changed)
        GROUP BY tenant, time, trace_id, span_id, meter
    )
SELECT
    tenant, time, trace_id, span_id, meter,
    if(booking.1 = target_currency, {entry:String}, concat({entry:String}, ' ', booking.1)),
    if(held_unpriced > 0 AND target_unpriced = 0, 'late_price', 'correction'),
    if(target_id != '', 'priced', 'unpriced'),
    if(target_id != '', '', 'price_withdrawn'),
    unit, 0,
    if(booking.1 = target_currency, target_unpriced - held_unpriced, 0),
    if(booking.1 = target_currency, target_events - held_events, 0),
    service_tier, context_tokens, target_id, target_rule, target_amount, booking.1,
    booking.2, booking.3,
    provider, model, operation, service_name, environment, project, user, product_feature, connector, prompt_name, prompt_version,
    response_hash, aggregate, retry, {change_id:String}, {reason:String}, {approver:String}, origin_id, received_at, now64(9, 'UTC')
FROM (
    SELECT
        tenant, time, trace_id, span_id, meter, unit, service_tier, context_tokens, provider, model, operation, service_name,
        environment, project, user, product_feature, connector, prompt_name, prompt_version, response_hash, aggregate, retry,
        origin_id, received_at,
        quantity + booked_quantity AS held_quantity,
        toInt64(unpriced) + booked_unpriced AS held_unpriced,
        toInt64(events) + booked_events AS held_events,
        greatest(1, arrayLastIndex(x -> context_tokens > x, found.2)) AS step,
        found.1 AS target_currency,
        found.3[step] AS target_amount,
        found.5[step] AS target_id,
        found.6[step] AS target_rule,
        toDecimal128(roundBankers(toDecimal256(held_quantity, 9) * target_amount, 18), 18) AS target_cost,
        toDecimal128(roundBankers(toDecimal256(held_quantity, 9) * found.4[step], 18), 18) AS target_list_cost,
        held_quantity = 0 OR (target_id = '' AND meter IN ('requests', 'connector_calls')) AS needs_none,
        toInt64(target_id = '' AND NOT needs_none) AS target_unpriced,
        toInt64(NOT needs_none) AS target_events,
        if(currency = target_currency, cost, 0) + arraySum(b -> if(b.1 = target_currency, b.2, toDecimal128(0, 18)), booked) AS held_cost,
        if(currency = target_currency, list_cost, 0) + arraySum(b -> if(b.1 = target_currency, b.3, toDecimal128(0, 18)), booked) AS held_list_cost,
        arrayFilter(
            c -> c NOT IN ('', target_currency),
            arrayDistinct(arrayConcat(if(currency IN ('', target_currency), [], [toString(currency)]), booked.1))) AS foreign,
        -- The difference in the price's currency; whatever was booked in another is taken back.
        arrayConcat(
            if(target_cost != held_cost OR target_list_cost != held_list_cost OR target_unpriced != held_unpriced OR target_events != held_events,
                [(target_currency, target_cost - held_cost, target_list_cost - held_list_cost)], []),
            arrayMap(
                c -> (
                    c,
                    -if(currency = c, cost, 0) - arraySum(b -> if(b.1 = c, b.2, toDecimal128(0, 18)), booked),
                    -if(currency = c, list_cost, 0) - arraySum(b -> if(b.1 = c, b.3, toDecimal128(0, 18)), booked)),
                foreign)) AS due
    FROM firsts
    LEFT JOIN bookings USING (tenant, time, trace_id, span_id, meter)
)
ARRAY JOIN due AS booking
-- What was taken back before adds up to nothing.
WHERE booking.1 = target_currency OR booking.2 != 0 OR booking.3 != 0
