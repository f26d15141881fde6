-- purpose: what was charged in a window, summed by the keys asked for: whole hours from the sums by
--          hour, what lies beside them from the charges themselves
-- params: tenants Array(String) (empty: all but the service's own); known_ns Int64: the last booking counted;
--         from_ns Int64 (included), to_ns Int64 (excluded), and the whole hours between them,
--         whole_from_ns Int64 to whole_to_ns Int64; group_by Array(String);
--         project, provider, model, prompt, prompt_version, feature, connector, service, environment,
--         operation, meter, tier, kind Array(String) (empty: any);
--         converts Bool: by rate_keys Array(String), as 'USD 2026-11-23', and rate_values Array(Decimal(38, 18));
--         the last row seen, empty before the first: after Array(String); limit UInt32
-- columns: by_month, by_day, by_hour (as 2026-11, 2026-11-23, 2026-11-23T22), by_tenant, by_project,
--          by_provider, by_model, by_prompt, by_prompt_version, by_feature, by_connector, by_service,
--          by_environment, by_operation, by_meter, by_unit, by_tier, by_kind (each empty unless
--          asked for), by_currency (empty where nothing is priced, and where converted),
--          total_quantity, total_cost, total_list_cost, total_events, total_unpriced,
--          total_quarantined
-- tables: charge_sums, charges
WITH {group_by:Array(String)} AS wanted
SELECT
    -- What is not asked for folds to a constant, so its column is not read.
    if(has(wanted, 'month'), formatDateTime(hour, '%Y-%m', 'UTC'), '') AS by_month,
    if(has(wanted, 'day'), toString(toDate(hour, 'UTC')), '') AS by_day,
    if(has(wanted, 'hour'), formatDateTime(hour, '%Y-%m-%dT%H', 'UTC'), '') AS by_hour,
    if(has(wanted, 'tenant'), tenant, '') AS by_tenant,
    if(has(wanted, 'project'), project, '') AS by_project,
    if(has(wanted, 'provider'), provider, '') AS by_provider,
    if(has(wanted, 'model'), model, '') AS by_model,
    if(has(wanted, 'prompt'), prompt_name, '') AS by_prompt,
    if(has(wanted, 'prompt'), prompt_version, '') AS by_prompt_version,
    if(has(wanted, 'feature'), product_feature, '') AS by_feature,
    if(has(wanted, 'connector'), connector, '') AS by_connector,
    if(has(wanted, 'service'), service_name, '') AS by_service,
    if(has(wanted, 'environment'), environment, '') AS by_environment,
    if(has(wanted, 'operation'), operation, '') AS by_operation,
    if(has(wanted, 'meter'), meter, '') AS by_meter,
    if(has(wanted, 'meter'), unit, '') AS by_unit,
    if(has(wanted, 'tier'), service_tier, '') AS by_tier,
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
        tenant, hour, provider, model, meter, unit, service_tier, kind, currency, operation, service_name, environment,
        project, product_feature, connector, prompt_name, prompt_version,
        quantity, cost, list_cost, events, unpriced, quarantined,
        {rate_values:Array(Decimal(38, 18))}[transform(
            concat(currency, ' ', toString(toDate(hour, 'UTC'))), {rate_keys:Array(String)}, arrayEnumerate({rate_keys:Array(String)}), 0)] AS rate
    FROM (
        SELECT
            tenant, hour, provider, model, meter, unit, service_tier, kind, currency, operation, service_name, environment,
            project, product_feature, connector, prompt_name, prompt_version,
            quantity, cost, list_cost, events, unpriced, quarantined
        FROM charge_sums(known_ns = {known_ns:Int64})
        WHERE hour >= toDateTime(fromUnixTimestamp64Nano({whole_from_ns:Int64}, 'UTC'))
            AND hour < toDateTime(fromUnixTimestamp64Nano({whole_to_ns:Int64}, 'UTC'))
        UNION ALL
        SELECT
            tenant, toStartOfHour(toDateTime(time, 'UTC')) AS hour, provider, model, meter, unit, service_tier,
            toString(kind) AS kind, currency, operation, service_name, environment,
            project, product_feature, connector, prompt_name, prompt_version,
            quantity, cost, list_cost, toInt64(events) AS events, toInt64(unpriced) AS unpriced,
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
        AND {{charged}}
        AND (empty({meter:Array(String)}) OR has({meter:Array(String)}, meter))
        AND (empty({tier:Array(String)}) OR has({tier:Array(String)}, service_tier))
        AND (empty({kind:Array(String)}) OR has({kind:Array(String)}, kind))
)
GROUP BY ALL
HAVING [by_month, by_day, by_hour, by_tenant, by_project, by_provider, by_model, by_prompt,
        by_prompt_version, by_feature, by_connector, by_service, by_environment, by_operation,
        by_meter, by_unit, by_tier, by_kind, by_currency] > {after:Array(String)}
ORDER BY by_month, by_day, by_hour, by_tenant, by_project, by_provider, by_model, by_prompt,
    by_prompt_version, by_feature, by_connector, by_service, by_environment, by_operation, by_meter,
    by_unit, by_tier, by_kind, by_currency
LIMIT {limit:UInt32}
