-- purpose: sums of charges of two windows, from whole hours and single charges at their ends, with is_current
-- params: known_ns Int64; baseline_from_ns, baseline_to_ns, baseline_whole_from_ns, baseline_whole_to_ns,
--         current_from_ns, current_to_ns, current_whole_from_ns, current_whole_to_ns Int64
-- tables: charge_sums, charges
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
