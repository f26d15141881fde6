-- purpose: the cells of versions of references, of features whose window is counted: a version's last write
-- params: tenants, ids Array(String), versions Array(UInt32): a version each, at the same place
-- columns: tenant, reference_id, version, feature, kind, edges, categories
-- tables: reference_features, reference_counts
SELECT tenant, reference_id, version, feature, toString(kind) AS kind, edges, categories
FROM reference_features FINAL
WHERE has({tenants:Array(String)}, tenant)
    AND has({ids:Array(String)}, reference_id)
    AND has(arrayZip({tenants:Array(String)}, {ids:Array(String)}, {versions:Array(UInt32)}), (toString(tenant), reference_id, version))
    AND (tenant, reference_id, version, feature) IN (
        SELECT tenant, reference_id, version, feature
        FROM reference_counts
        WHERE has({tenants:Array(String)}, tenant)
            AND has({ids:Array(String)}, reference_id)
            AND has({versions:Array(UInt32)}, version)
            AND dimension = '')
ORDER BY tenant, reference_id, version, feature
