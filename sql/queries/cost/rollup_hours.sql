-- purpose: sum up the charges booked between two watermarks, by hour; a resent span counts once, as
--          FINAL keeps the row booked first
-- params: follows_ns Int64 (excluded), watermark_ns Int64 (included)
-- columns: none
-- tables: charges, charge_hours
INSERT INTO charge_hours
    (watermark, tenant, hour, provider, model, meter, unit, service_tier, kind, currency, operation, service_name, environment,
     project, product_feature, connector, prompt_name, prompt_version, retry,
     quantity, cost, list_cost, events, unpriced, rows, quarantined)
SELECT
    fromUnixTimestamp64Nano({watermark_ns:Int64}, 'UTC') AS at,
    tenant, toStartOfHour(toDateTime(time, 'UTC')) AS hour, provider, model, meter, unit, service_tier, kind, currency, operation,
    service_name, environment, project, product_feature, connector, prompt_name, prompt_version, retry,
    sum(charges.quantity), sum(charges.cost), sum(charges.list_cost), sum(charges.events), sum(charges.unpriced),
    count(), countIf(state = 'quarantined')
FROM charges FINAL
WHERE {{since_watermark}}
GROUP BY
    tenant, hour, provider, model, meter, unit, service_tier, kind, currency, operation, service_name, environment,
    project, product_feature, connector, prompt_name, prompt_version, retry
