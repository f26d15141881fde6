tenant, toStartOfHour(toDateTime(time, 'UTC')) AS hour, provider, model, meter, unit, service_tier, toString(kind) AS kind, currency, operation, service_name, environment,
    project, product_feature, connector, prompt_name, prompt_version, retry,
    quantity, cost, list_cost, toInt64(events) AS events, toInt64(unpriced) AS unpriced, toUInt64(1) AS rows, toUInt64(state = 'quarantined') AS quarantined
