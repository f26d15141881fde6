-- purpose: which models decided in a window, and how often
-- params: tenants Array(String) (empty: all but the service's own); from_ns Int64 (included),
--         to_ns Int64 (excluded); after_tenant, after_model String: the last of the page before; limit UInt32
-- columns: tenant, model, decisions, first_ns, last_ns
-- tables: decisions
SELECT
    toString(tenant) AS tenant, toString(model_name) AS model, count() AS decisions,
    toUnixTimestamp64Nano(min(time)) AS first_ns, toUnixTimestamp64Nano(max(time)) AS last_ns
FROM decisions FINAL
WHERE if(empty({tenants:Array(String)}), decisions.tenant != 'answerable', has({tenants:Array(String)}, decisions.tenant))
    AND {{in_time}}
    AND (decisions.tenant, model_name) > ({after_tenant:String}, {after_model:String})
GROUP BY tenant, model
ORDER BY tenant, model
LIMIT {limit:UInt32}
