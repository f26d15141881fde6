-- purpose: imported invoices, newest first, or one of them
-- params: tenants Array(String) (empty: all, those of the whole organisation too); invoice_id String (empty: any);
--         the last row seen: before_ns Int64, before_id String; limit UInt32
-- columns: tenant, invoice_id, name, format, content_sha256, first_day, last_day, providers, lines,
--          amount_scale, amounts, scopes, key_id, imported_ns
-- tables: invoices
SELECT
    tenant, invoice_id, name, format, content_sha256, first_day, last_day, providers, lines,
    amount_scale, amounts, scopes, key_id,
    toUnixTimestamp64Nano(imported_at) AS imported_ns
FROM invoices FINAL
WHERE (empty({tenants:Array(String)}) OR has({tenants:Array(String)}, tenant))
    AND ({invoice_id:String} = '' OR invoice_id = {invoice_id:String})
    AND (imported_at, invoice_id) < (fromUnixTimestamp64Nano({before_ns:Int64}, 'UTC'), {before_id:String})
ORDER BY imported_at DESC, invoice_id DESC
LIMIT {limit:UInt32}
