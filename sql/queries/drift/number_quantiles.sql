-- purpose: what edges of numbers are made from: exact, from all finite values sorted
-- params: tenant, model String; from_ns Int64 (included), to_ns Int64 (excluded); features Array(String);
--         parts UInt32: parts of equal weight between the least and the greatest value
-- columns: feature, values (the different ones, ascending, at most parts + 1 of them),
--          quantiles (parts - 1: the least value with at least a share k / parts of all at or below it)
--          and the greatest value
-- tables: decisions
WITH
    arraySort(groupArray(x)) AS sorted,
    length(sorted) AS n
SELECT
    name AS feature,
    arraySlice(arrayCompact(sorted), 1, {parts:UInt32} + 1) AS values,
    arrayMap(k -> sorted[intDiv(k * n + {parts:UInt32} - 1, {parts:UInt32})], range(1, {parts:UInt32} + 1)) AS quantiles
FROM (
    SELECT toString(feature) AS name, x
    FROM decisions FINAL
    ARRAY JOIN
        arrayConcat(mapKeys(feature_number), ['@confidence', '@input_tokens', '@output_tokens', '@duration_s']) AS feature,
        arrayConcat(mapValues(feature_number), [ifNull(confidence, 0.), toFloat64(ifNull(tokens_input, 0)), toFloat64(ifNull(tokens_output, 0)), duration_ns / 1e9]) AS x,
        arrayConcat(arrayWithConstant(length(feature_number), true), [isNotNull(confidence), isNotNull(tokens_input), isNotNull(tokens_output), duration_ns > 0]) AS given
    WHERE {{decided}}
        AND given AND isFinite(x) AND has({features:Array(String)}, feature))
GROUP BY name
