-- purpose: which features a model's decisions of a window have, and how often as number and as text
-- params: tenant, model String; from_ns Int64 (included), to_ns Int64 (excluded); limit UInt32
-- columns: feature, numbers, texts (decisions that have it so)
-- tables: decisions
SELECT name AS feature, countIf(is_number) AS numbers, countIf(NOT is_number) AS texts
FROM (
    SELECT
        toString(feature) AS name, is_number
    FROM decisions FINAL
    ARRAY JOIN
        arrayConcat(
            mapKeys(feature_number), mapKeys(feature_string),
            ['@confidence', '@input_tokens', '@output_tokens', '@duration_s', '@outcome']) AS feature,
        arrayConcat(
            arrayWithConstant(length(feature_number), true), arrayWithConstant(length(feature_string), false),
            [true, true, true, true, false]) AS is_number,
        arrayConcat(
            arrayWithConstant(length(feature_number) + length(feature_string), true),
            [isNotNull(confidence), isNotNull(tokens_input), isNotNull(tokens_output), duration_ns > 0, outcome != '']) AS given
    WHERE {{decided}}
        AND given AND feature != '')
GROUP BY feature
ORDER BY feature
LIMIT {limit:UInt32}
