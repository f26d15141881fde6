-- purpose: every version of the label of one decision, newest first; the first of all is number 1
-- params: tenants Array(String) (empty: all but the service's own); decision_id String; before UInt64: versions
--         with a lower number; limit UInt32
-- columns: tenant, version, versions (of that tenant's), label, number, source, labelled_ns, received_ns, key_id
-- tables: label_versions
WITH numbered AS (
    SELECT
        tenant,
        label,
        number,
        source,
        labelled_at,
        received_at,
        key_id,
        row_number() OVER (PARTITION BY tenant ORDER BY received_at, label, source, labelled_at, key_id) AS version,
        count() OVER (PARTITION BY tenant) AS versions
    FROM label_versions FINAL
    WHERE if(empty({tenants:Array(String)}), tenant != 'answerable', has({tenants:Array(String)}, tenant))
        AND decision_id = {decision_id:String}
)
SELECT
    tenant,
    version,
    versions,
    label,
    number,
    source,
    toUnixTimestamp64Nano(labelled_at) AS labelled_ns,
    toUnixTimestamp64Nano(received_at) AS received_ns,
    key_id
FROM numbered
WHERE version < {before:UInt64}
ORDER BY version DESC, tenant
LIMIT {limit:UInt32}
