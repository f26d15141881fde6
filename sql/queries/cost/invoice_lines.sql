-- purpose: lines of an invoice in the order of its file
-- params: tenant, invoice_id String; models, meters Array(String) and days Array(Date) (empty: any);
--         after UInt32 (the last line seen); limit UInt32
-- columns: line, day, provider, model, meter, unit, service_tier, quantity, amount, currency, scope,
--          scope_tenant, description, raw
-- tables: invoice_lines
SELECT
    line, day, provider, model, meter, unit, service_tier, quantity, amount, currency, scope,
    scope_tenant, description, raw
FROM invoice_lines FINAL
WHERE tenant = {tenant:String} AND invoice_id = {invoice_id:String}
    AND (empty({models:Array(String)}) OR has({models:Array(String)}, model))
    AND (empty({meters:Array(String)}) OR has({meters:Array(String)}, meter))
    AND (empty({days:Array(Date)}) OR has({days:Array(Date)}, day))
    AND line > {after:UInt32}
ORDER BY line
LIMIT {limit:UInt32}
