-- purpose: quantities and money of two windows side by side, for every kind of call and meter
-- params: tenants Array(String) (empty: all but the service's own); known_ns Int64 bounds when a charge was booked; both
--         windows in UTC ns, start included, end not: baseline_from_ns, baseline_to_ns, current_from_ns, current_to_ns Int64,
--         and the whole hours inside: baseline_whole_from_ns, baseline_whole_to_ns, current_whole_from_ns,
--         current_whole_to_ns Int64; project, provider, model, prompt, prompt_version, feature, connector,
--         service, environment, operation, tier Array(String) (empty: any);
--         the values to keep, others become '(rest)', empty: all: keep_tenant, keep_project, keep_feature, keep_service, keep_connector, keep_prompt
--         Array(String); currency String (money in another, and only that, is given by day); limit UInt32
-- columns: by_tenant, by_project, by_feature, by_service, by_connector, by_prompt, by_provider, by_model, by_service_tier,
--          by_prompt_version, by_retry, by_meter, by_unit, by_shortfall (money for no usage), by_currency, by_day,
--          and both with baseline_ and current_ in front: quantity, cost, events, unpriced
-- tables: charge_sums, charges
SELECT
    if(empty({keep_tenant:Array(String)}) OR has({keep_tenant:Array(String)}, tenant), tenant, '(rest)') AS by_tenant,
    if(empty({keep_project:Array(String)}) OR has({keep_project:Array(String)}, project), project, '(rest)') AS by_project,
    if(empty({keep_feature:Array(String)}) OR has({keep_feature:Array(String)}, product_feature), product_feature, '(rest)') AS by_feature,
    if(empty({keep_service:Array(String)}) OR has({keep_service:Array(String)}, service_name), service_name, '(rest)') AS by_service,
    if(empty({keep_connector:Array(String)}) OR has({keep_connector:Array(String)}, connector), connector, '(rest)') AS by_connector,
    if(empty({keep_prompt:Array(String)}) OR has({keep_prompt:Array(String)}, prompt_name), prompt_name, '(rest)') AS by_prompt,
    provider AS by_provider,
    model AS by_model,
    service_tier AS by_service_tier,
    if(by_prompt = '(rest)', '', prompt_version) AS by_prompt_version,
    retry AS by_retry,
    meter AS by_meter,
    unit AS by_unit,
    kind = 'shortfall' AS by_shortfall,
    currency AS by_currency,
    if({currency:String} = '' OR currency IN ('', {currency:String}), '', toString(toDate(hour, 'UTC'))) AS by_day,
    sumIf(quantity, NOT is_current) AS baseline_quantity,
    sumIf(cost, NOT is_current) AS baseline_cost,
    sumIf(events, NOT is_current) AS baseline_events,
    sumIf(unpriced, NOT is_current) AS baseline_unpriced,
    sumIf(quantity, is_current) AS current_quantity,
    sumIf(cost, is_current) AS current_cost,
    sumIf(events, is_current) AS current_events,
    sumIf(unpriced, is_current) AS current_unpriced
FROM (
    {{compared_charges}}
)
WHERE {{of_tenants}}
    AND {{charged}}
    AND (empty({tier:Array(String)}) OR has({tier:Array(String)}, service_tier))
GROUP BY ALL
LIMIT {limit:UInt32}
