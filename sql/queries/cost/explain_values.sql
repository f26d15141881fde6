-- purpose: the values of every dimension with the most money in two windows, to keep apart while the rest is folded
-- params: tenants Array(String) (empty: all but the service's own); known_ns Int64 bounds when a charge was booked; both
--         windows in UTC ns, start included, end not: baseline_from_ns, baseline_to_ns, current_from_ns, current_to_ns Int64,
--         and the whole hours inside: baseline_whole_from_ns, baseline_whole_to_ns, current_whole_from_ns,
--         current_whole_to_ns Int64; project, provider, model, prompt, prompt_version, feature, connector,
--         service, environment, operation, tier Array(String) (empty: any);
--         kept UInt32 (values a dimension)
-- columns: dimension, kept_value
-- tables: charge_sums, charges
SELECT
    value.1 AS dimension,
    value.2 AS kept_value
FROM (
    SELECT
        tenant, hour, provider, model, meter, unit, service_tier, kind, currency, operation, service_name, environment,
        project, product_feature, connector, prompt_name, prompt_version, retry,
        quantity, cost, events, unpriced,
        hour >= toDateTime(fromUnixTimestamp64Nano({current_whole_from_ns:Int64}, 'UTC'))
            AND hour < toDateTime(fromUnixTimestamp64Nano({current_whole_to_ns:Int64}, 'UTC')) AS is_current
    FROM charge_sums(known_ns = {known_ns:Int64})
    WHERE (hour >= toDateTime(fromUnixTimestamp64Nano({baseline_whole_from_ns:Int64}, 'UTC')) AND hour < toDateTime(fromUnixTimestamp64Nano({baseline_whole_to_ns:Int64}, 'UTC')))
        OR (hour >= toDateTime(fromUnixTimestamp64Nano({current_whole_from_ns:Int64}, 'UTC')) AND hour < toDateTime(fromUnixTimestamp64Nano({current_whole_to_ns:Int64}, 'UTC')))
    UNION ALL
    SELECT
        tenant, toStartOfHour(toDateTime(time, 'UTC')) AS hour, provider, model, meter, unit, service_tier,
        toString(kind) AS kind, currency, operation, service_name, environment,
        project, product_feature, connector, prompt_name, prompt_version, retry,
        quantity, cost, toInt64(events) AS events, toInt64(unpriced) AS unpriced,
        time >= fromUnixTimestamp64Nano({current_from_ns:Int64}, 'UTC')
            AND time < fromUnixTimestamp64Nano({current_to_ns:Int64}, 'UTC') AS is_current
    FROM charges FINAL
    WHERE ((time >= fromUnixTimestamp64Nano({baseline_from_ns:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({baseline_to_ns:Int64}, 'UTC'))
            OR (time >= fromUnixTimestamp64Nano({current_from_ns:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({current_to_ns:Int64}, 'UTC')))
        AND NOT (time >= fromUnixTimestamp64Nano({baseline_whole_from_ns:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({baseline_whole_to_ns:Int64}, 'UTC'))
        AND NOT (time >= fromUnixTimestamp64Nano({current_whole_from_ns:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({current_whole_to_ns:Int64}, 'UTC'))
        AND booked_at <= fromUnixTimestamp64Nano({known_ns:Int64}, 'UTC')
        AND state != 'aggregate'
)
ARRAY JOIN [
        ('tenant', toString(tenant)),
        ('project', toString(project)),
        ('feature', toString(product_feature)),
        ('service', toString(service_name)),
        ('connector', toString(connector)),
        ('prompt', toString(prompt_name))
    ] AS value
WHERE if(empty({tenants:Array(String)}), tenant != 'answerable', has({tenants:Array(String)}, tenant))
    AND (empty({project:Array(String)}) OR has({project:Array(String)}, project))
    AND (empty({provider:Array(String)}) OR has({provider:Array(String)}, provider))
    AND (empty({model:Array(String)}) OR has({model:Array(String)}, model))
    AND (empty({prompt:Array(String)}) OR has({prompt:Array(String)}, prompt_name))
    AND (empty({prompt_version:Array(String)}) OR has({prompt_version:Array(String)}, prompt_version))
    AND (empty({feature:Array(String)}) OR has({feature:Array(String)}, product_feature))
    AND (empty({connector:Array(String)}) OR has({connector:Array(String)}, connector))
    AND (empty({service:Array(String)}) OR has({service:Array(String)}, service_name))
    AND (empty({environment:Array(String)}) OR has({environment:Array(String)}, environment))
    AND (empty({operation:Array(String)}) OR has({operation:Array(String)}, operation))
    AND (empty({tier:Array(String)}) OR has({tier:Array(String)}, service_tier))
GROUP BY dimension, kept_value
ORDER BY dimension, sum(abs(cost)) DESC, sum(events) DESC, kept_value
LIMIT {kept:UInt32} BY dimension
