-- purpose: up to three of the classes a model's outcomes and their labels have; numbers written alike
-- params: tenant, model String; from_ns Int64 (included), to_ns Int64 (excluded), of decisions
-- columns: classes
-- tables: decisions, labels
SELECT groupUniqArray(3)(class) AS classes
FROM (
    SELECT ifNull(toString(toFloat64OrNull(outcome)), outcome) AS class
    FROM decisions
    WHERE {{decided}}
        AND outcome != ''
    UNION ALL
    SELECT ifNull(toString(number), label) AS class
    FROM labels FINAL
    WHERE {{labels_of_decided}}
)
