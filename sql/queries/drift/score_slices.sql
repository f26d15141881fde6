-- purpose: the values a dimension has in the decisions of a model in a window, most frequent first
-- params: tenant, model String; from_ns Int64 (included), to_ns Int64 (excluded); dimension String;
--         limit UInt32; bytes_max UInt32: a longer value is no slice
-- columns: value, n
-- tables: decisions
WITH {dimension:String} AS d
SELECT
    {{slice_value}} AS value,
    uniqExact(sipHash64(decision_id)) AS n
FROM decisions
WHERE {{decided}}
    AND length(value) <= {bytes_max:UInt32}
GROUP BY value
ORDER BY n DESC, value
LIMIT {limit:UInt32}
