-- purpose: what users were charged in a window, summed by the keys asked for: whole days from the sums
--          by day and user, what lies beside them from the charges themselves
-- params: tenants Array(String) (empty: all but the service's own); known_ns Int64: the last booking counted;
--         from_ns Int64 (included), to_ns Int64 (excluded), and the whole days between them,
--         whole_from_ns Int64 to whole_to_ns Int64; group_by Array(String);
--         user, project, provider, model, meter, kind Array(String) (empty: any);
--         converts Bool: by rate_keys Array(String), as 'USD 2026-11-23', and rate_values Array(Decimal(38, 18));
--         the last row seen, empty before the first: after Array(String); limit UInt32
-- columns: by_month, by_day (as 2026-11, 2026-11-23), by_tenant, by_user, by_project, by_provider,
--          by_model, by_meter, by_unit, by_kind (each empty unless asked for), by_currency (empty
--          where nothing is priced, and where converted), total_quantity, total_cost,
--          total_list_cost, total_events, total_unpriced, total_quarantined
-- tables: charge_user_sums, charges
WITH {group_by:Array(String)} AS wanted
SELECT
    if(has(wanted, 'month'), formatDateTime(day, '%Y-%m'), '') AS by_month,
    if(has(wanted, 'day'), toString(day), '') AS by_day,
    if(has(wanted, 'tenant'), tenant, '') AS by_tenant,
    if(has(wanted, 'user'), user, '') AS by_user,
    if(has(wanted, 'project'), project, '') AS by_project,
    if(has(wanted, 'provider'), provider, '') AS by_provider,
    if(has(wanted, 'model'), model, '') AS by_model,
    if(has(wanted, 'meter'), meter, '') AS by_meter,
    if(has(wanted, 'meter'), unit, '') AS by_unit,
    if(has(wanted, 'kind'), kind, '') AS by_kind,
    if({converts:Bool}, '', currency) AS by_currency,
    sum(quantity) AS total_quantity,
    sum(if({converts:Bool}, toDecimal256(cost, 18) * rate, cost)) AS total_cost,
    sum(if({converts:Bool}, toDecimal256(list_cost, 18) * rate, list_cost)) AS total_list_cost,
    sum(events) AS total_events,
    sum(unpriced) AS total_unpriced,
    sum(quarantined) AS total_quarantined
FROM (
    SELECT
        tenant, day, user, project, provider, model, meter, unit, kind, currency,
        quantity, cost, list_cost, events, unpriced, quarantined,
        {rate_values:Array(Decimal(38, 18))}[transform(
            concat(currency, ' ', toString(day)), {rate_keys:Array(String)}, arrayEnumerate({rate_keys:Array(String)}), 0)] AS rate
    FROM (
        SELECT
            tenant, day, user, project, provider, model, meter, unit, kind, currency,
            quantity, cost, list_cost, events, unpriced, quarantined
        FROM charge_user_sums(known_ns = {known_ns:Int64})
        WHERE day >= toDate(fromUnixTimestamp64Nano({whole_from_ns:Int64}, 'UTC'))
            AND day < toDate(fromUnixTimestamp64Nano({whole_to_ns:Int64}, 'UTC'))
        UNION ALL
        SELECT
            tenant, toDate(time, 'UTC') AS day, user, project, provider, model, meter, unit, toString(kind) AS kind,
            currency, quantity, cost, list_cost, toInt64(events) AS events, toInt64(unpriced) AS unpriced,
            toUInt64(state = 'quarantined') AS quarantined
        FROM charges FINAL
        WHERE {{in_time}}
            AND NOT (
                time >= fromUnixTimestamp64Nano({whole_from_ns:Int64}, 'UTC')
                AND time < fromUnixTimestamp64Nano({whole_to_ns:Int64}, 'UTC'))
            AND booked_at <= fromUnixTimestamp64Nano({known_ns:Int64}, 'UTC')
            AND state != 'aggregate'
    )
    WHERE {{of_tenants}}
        AND (empty({user:Array(String)}) OR has({user:Array(String)}, user))
        AND (empty({project:Array(String)}) OR has({project:Array(String)}, project))
        AND (empty({provider:Array(String)}) OR has({provider:Array(String)}, provider))
        AND (empty({model:Array(String)}) OR has({model:Array(String)}, model))
        AND (empty({meter:Array(String)}) OR has({meter:Array(String)}, meter))
        AND (empty({kind:Array(String)}) OR has({kind:Array(String)}, kind))
)
GROUP BY ALL
HAVING [by_month, by_day, by_tenant, by_user, by_project, by_provider, by_model, by_meter, by_unit,
        by_kind, by_currency] > {after:Array(String)}
ORDER BY by_month, by_day, by_tenant, by_user, by_project, by_provider, by_model, by_meter, by_unit,
    by_kind, by_currency
LIMIT {limit:UInt32}
