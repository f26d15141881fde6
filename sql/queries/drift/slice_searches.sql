-- purpose: one page of the searches for slices whose window touches a window, newest first
-- params: tenants Array(String) (empty: all); search_id String (empty: any); model String (empty: any); target String (empty: any); from_ns Int64,
--         to_ns Int64: the window; the last row seen: before_ns Int64, before_tenant, before_id String;
--         limit UInt32
-- columns: tenant, id, body, actor, recorded_at_ns
-- tables: records
SELECT
    tenant,
    id,
    argMax(records.body, version) AS body,
    argMax(records.actor, version) AS actor,
    toUnixTimestamp64Nano(min(recorded_at)) AS recorded_at_ns
FROM records
WHERE kind = 'slice_search'
    AND (empty({tenants:Array(String)}) OR has({tenants:Array(String)}, tenant))
    AND ({search_id:String} = '' OR id = {search_id:String})
    AND ({model:String} = '' OR JSONExtractString(records.body, 'model') = {model:String})
    AND ({target:String} = '' OR JSONExtractString(records.body, 'target') = {target:String})
    AND JSONExtractInt(records.body, 'from_ns') < {to_ns:Int64}
    AND JSONExtractInt(records.body, 'to_ns') > {from_ns:Int64}
GROUP BY tenant, id
HAVING (recorded_at_ns, tenant, id) < ({before_ns:Int64}, {before_tenant:String}, {before_id:String})
ORDER BY recorded_at_ns DESC, tenant DESC, id DESC
LIMIT {limit:UInt32}
