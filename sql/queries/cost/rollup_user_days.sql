-- purpose: sum up the charges booked between two watermarks, by day and user
-- params: follows_ns Int64 (excluded), watermark_ns Int64 (included)
-- columns: none
-- tables: charges, charge_user_days
INSERT INTO charge_user_days
    (watermark, tenant, day, user, project, provider, model, meter, unit, kind, currency,
     quantity, cost, list_cost, events, unpriced, rows, quarantined)
SELECT
    fromUnixTimestamp64Nano({watermark_ns:Int64}, 'UTC') AS at,
    tenant, toDate(time, 'UTC') AS day, user, project, provider, model, meter, unit, kind, currency,
    sum(charges.quantity), sum(charges.cost), sum(charges.list_cost), sum(charges.events), sum(charges.unpriced),
    count(), countIf(state = 'quarantined')
FROM charges FINAL
WHERE {{since_watermark}}
GROUP BY tenant, day, user, project, provider, model, meter, unit, kind, currency
