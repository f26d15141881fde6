tenant, toDate(time, 'UTC') AS day, user, project, provider, model, meter, unit, toString(kind) AS kind, currency,
    quantity, cost, list_cost, toInt64(events) AS events, toInt64(unpriced) AS unpriced, toUInt64(1) AS rows, toUInt64(state = 'quarantined') AS quarantined
