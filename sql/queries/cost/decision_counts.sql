-- purpose: decisions of a window, counted once each by the keys that charges have too
-- params: tenants Array(String) (empty: all but the service's own); from_ns Int64 (included), to_ns Int64 (excluded);
--         known_ns Int64: the last arrival counted; group_by Array(String);
--         model, service, environment, prompt, prompt_version Array(String) (empty: any);
--         per String: decision counts all, outcome those that ended well, review those a human saw;
--         outcomes Array(String): what ends well (empty: whatever is no error); limit UInt32
-- columns: by_month, by_day, by_hour (as 2026-11, 2026-11-23, 2026-11-23T22), by_tenant, by_model, by_prompt,
--          by_prompt_version, by_service, by_environment (each empty unless asked for), decisions_counted
-- tables: decisions, spans
WITH {group_by:Array(String)} AS wanted
SELECT
    if(has(wanted, 'month'), formatDateTime(time, '%Y-%m', 'UTC'), '') AS by_month,
    if(has(wanted, 'day'), toString(toDate(time, 'UTC')), '') AS by_day,
    if(has(wanted, 'hour'), formatDateTime(time, '%Y-%m-%dT%H', 'UTC'), '') AS by_hour,
    if(has(wanted, 'tenant'), tenant, '') AS by_tenant,
    if(has(wanted, 'model'), model_name, '') AS by_model,
    if(has(wanted, 'prompt'), prompt_name, '') AS by_prompt,
    if(has(wanted, 'prompt'), prompt_version, '') AS by_prompt_version,
    if(has(wanted, 'service'), service_name, '') AS by_service,
    if(has(wanted, 'environment'), environment, '') AS by_environment,
    -- One decision may arrive as a span and as a record, with a time of its own each.
    uniqExact((tenant, decision_id)) AS decisions_counted
FROM decisions FINAL
WHERE {{of_tenants}}
    AND {{in_time}}
    AND received_at <= fromUnixTimestamp64Nano({known_ns:Int64}, 'UTC')
    AND (empty({model:Array(String)}) OR has({model:Array(String)}, model_name))
    AND (empty({service:Array(String)}) OR has({service:Array(String)}, service_name))
    AND (empty({environment:Array(String)}) OR has({environment:Array(String)}, environment))
    AND (empty({prompt:Array(String)}) OR has({prompt:Array(String)}, prompt_name))
    AND (empty({prompt_version:Array(String)}) OR has({prompt_version:Array(String)}, prompt_version))
    AND ({per:String} != 'outcome'
        OR if(empty({outcomes:Array(String)}), NOT is_error, has({outcomes:Array(String)}, outcome)))
    AND ({per:String} != 'review' OR route = 'human' OR (tenant, decision_id) GLOBAL IN (
        SELECT tenant, attr_string['answerable.review.decision_id']
        FROM spans
        WHERE {per:String} = 'review'
            AND {{of_tenants}}
            AND name = 'answerable.review'
            AND start_time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
            AND start_time <= fromUnixTimestamp64Nano({known_ns:Int64}, 'UTC')
            AND received_at <= fromUnixTimestamp64Nano({known_ns:Int64}, 'UTC')))
GROUP BY ALL
ORDER BY by_month, by_day, by_hour, by_tenant, by_model, by_prompt, by_prompt_version, by_service,
    by_environment
LIMIT {limit:UInt32}
