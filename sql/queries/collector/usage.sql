-- purpose: usage of a window summed by the keys asked for; usage that an agent or workflow span
--          repeats from the calls beneath it counts only where its trace has no other of that unit
-- params: tenants Array(String) (empty: all but the service's own); from_ns Int64 (included), to_ns Int64 (excluded);
--         near_from_ns, near_to_ns Int64 bound where the calls beneath are looked for;
--         group_by Array(String); service, provider, model, meter String (empty: any); the last
--         row seen, empty before the first: after Array(String); limit UInt32
-- columns: by_day, by_hour (as 2026-11-23 and 2026-11-23T22), by_tenant, by_service, by_provider,
--          by_model, by_operation, by_environment, by_meter (each empty unless asked for), unit,
--          quantity, events
-- tables: charges
WITH
    {group_by:Array(String)} AS wanted,
    repeats AS (
        SELECT tenant, trace_id, unit
        FROM charges
        WHERE entry = '' AND state != 'quarantined'
            AND if(empty({tenants:Array(String)}), tenant != 'answerable', has({tenants:Array(String)}, tenant))
            AND time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
            AND time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
            AND aggregate
    ),
    covered AS (
        SELECT tenant, trace_id, unit
        FROM charges
        WHERE entry = '' AND state != 'quarantined'
            AND if(empty({tenants:Array(String)}), tenant != 'answerable', has({tenants:Array(String)}, tenant))
            AND time >= fromUnixTimestamp64Nano({near_from_ns:Int64}, 'UTC')
            AND time < fromUnixTimestamp64Nano({near_to_ns:Int64}, 'UTC')
            AND NOT aggregate
            AND (tenant, trace_id, unit) GLOBAL IN repeats
    )
SELECT
    if(has(wanted, 'day'), toString(toDate(time, 'UTC')), '') AS by_day,
    if(has(wanted, 'hour'), formatDateTime(time, '%Y-%m-%dT%H', 'UTC'), '') AS by_hour,
    if(has(wanted, 'tenant'), toString(tenant), '') AS by_tenant,
    if(has(wanted, 'service'), toString(service_name), '') AS by_service,
    if(has(wanted, 'provider'), toString(provider), '') AS by_provider,
    if(has(wanted, 'model'), toString(model), '') AS by_model,
    if(has(wanted, 'operation'), toString(operation), '') AS by_operation,
    if(has(wanted, 'environment'), toString(environment), '') AS by_environment,
    if(has(wanted, 'meter'), toString(meter), '') AS by_meter,
    toString(unit) AS by_unit,
    sum(quantity) AS total,
    count() AS events
FROM charges FINAL
WHERE entry = '' AND state != 'quarantined'
    AND if(empty({tenants:Array(String)}), tenant != 'answerable', has({tenants:Array(String)}, tenant))
    AND time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
    AND time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
    AND ({service:String} = '' OR service_name = {service:String})
    AND ({provider:String} = '' OR provider = {provider:String})
    AND ({model:String} = '' OR model = {model:String})
    AND ({meter:String} = '' OR meter = {meter:String})
    AND (NOT aggregate OR (tenant, trace_id, unit) GLOBAL NOT IN covered)
GROUP BY ALL
HAVING [by_day, by_hour, by_tenant, by_service, by_provider, by_model, by_operation,
        by_environment, by_meter, by_unit] > {after:Array(String)}
ORDER BY by_day, by_hour, by_tenant, by_service, by_provider, by_model, by_operation,
    by_environment, by_meter, by_unit
LIMIT {limit:UInt32}
