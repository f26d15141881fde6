-- purpose: what the window of one version of a reference holds
-- params: tenant, reference_id String; version UInt32; features Array(String) (empty: all);
--         slices Array(String): dimension=value (empty: all)
-- columns: feature, dimension, value, codes, counts, numbers, mean, squares, least, greatest
-- tables: reference_counts
SELECT
    toString(feature) AS feature, toString(dimension) AS dimension, value,
    codes, counts, numbers, mean, squares, least, greatest
FROM reference_counts FINAL
WHERE tenant = {tenant:String} AND reference_id = {reference_id:String} AND version = {version:UInt32}
    AND (empty({features:Array(String)}) OR has({features:Array(String)}, feature))
    AND (empty({slices:Array(String)}) OR has({slices:Array(String)}, concat(dimension, '=', value)))
