-- purpose: which features models' decisions of a window have
-- params: tenants, models Array(String): a model each, at the same place; from_ns Int64 (included),
--         to_ns Int64 (excluded); most UInt32: features of one model
-- columns: tenant, model, features (in alphabetical order)
-- tables: feature_values
SELECT toString(tenant) AS tenant, toString(model) AS model, arraySort(groupUniqArray({most:UInt32})(toString(feature))) AS features
FROM feature_values
WHERE has({tenants:Array(String)}, feature_values.tenant)
    AND has(arrayZip({tenants:Array(String)}, {models:Array(String)}), (toString(feature_values.tenant), toString(feature_values.model)))
    AND {{in_time}}
GROUP BY tenant, model
