-- purpose: an invoice's lines added up by what they are compared by
-- params: tenant, invoice_id String
-- columns: day, scope_tenant, provider, model, meter, unit, service_tier ('?' where the file does not
--          say), currency, sum_quantity and sum_amount (null where no line has one), amount_lines
-- tables: invoice_lines
SELECT
    day, scope_tenant, lower(l.provider) AS provider, lower(l.model) AS model, meter, unit, service_tier, currency,
    sum(quantity) AS sum_quantity,
    sum(amount) AS sum_amount,
    toInt64(count(amount)) AS amount_lines
FROM invoice_lines AS l FINAL
WHERE tenant = {tenant:String} AND invoice_id = {invoice_id:String}
GROUP BY ALL
ORDER BY day, scope_tenant, provider, model, meter, unit, service_tier, currency
