-- purpose: when the named traces began and ended, what they are called, which services took part
-- params: tenants Array(String) (empty: all); trace_ids Array(String) (hex);
--         first_hour_s, last_hour_s UInt32, seconds, bound the summary rows read
-- columns: tenant, trace_id (hex), start_ns, end_ns, root_name, root_service, services
-- tables: trace_summary
SELECT
    tenant,
    lower(hex(trace_id)) AS trace_id_hex,
    toUnixTimestamp64Nano(min(start_time)) AS start_ns,
    toUnixTimestamp64Nano(max(end_time)) AS end_ns,
    max(root_name) AS root,
    max(root_service) AS service,
    arraySort(groupUniqArrayArray(services)) AS services
FROM trace_summary
WHERE (empty({tenants:Array(String)}) OR has({tenants:Array(String)}, tenant))
    AND hour >= toDateTime({first_hour_s:UInt32}, 'UTC')
    AND hour <= toDateTime({last_hour_s:UInt32}, 'UTC')
    AND trace_id IN (
        SELECT toFixedString(unhex(arrayJoin({trace_ids:Array(String)})), 16))
GROUP BY tenant, trace_id
ORDER BY tenant, trace_id
