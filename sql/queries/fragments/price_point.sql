-- purpose: the columns of a price
-- tables: price_points
tenant,
    provider,
    model,
    meter,
    service_tier,
    toUnixTimestamp64Nano(valid_from) AS valid_from,
    toUnixTimestamp64Nano(valid_to) AS valid_to,
    currency,
    above,
    amounts,
    list_amounts,
    price_ids,
    rules
