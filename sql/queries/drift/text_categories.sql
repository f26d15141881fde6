-- purpose: the most frequent values of texts
-- params: tenant, model String; from_ns Int64 (included), to_ns Int64 (excluded); features Array(String);
--         most UInt8: values of one feature; bytes_max UInt32: a longer value has no cell of its own
-- columns: feature, categories (the most frequent first)
-- tables: decisions
SELECT name AS feature, groupArray(text) AS categories
FROM (
    SELECT name, text, count() AS times
    FROM (
        SELECT toString(feature) AS name, text
        FROM decisions FINAL
        ARRAY JOIN
            arrayPushBack(mapKeys(feature_string), '@outcome') AS feature,
            arrayPushBack(mapValues(feature_string), outcome) AS text
        WHERE {{decided}}
            AND has({features:Array(String)}, feature)
            AND NOT (feature = '@outcome' AND text = '')
            AND length(text) <= {bytes_max:UInt32})
    GROUP BY name, text
    ORDER BY name, times DESC, text
    LIMIT {most:UInt8} BY name)
GROUP BY name
