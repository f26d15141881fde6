-- purpose: how many decisions a model made in a window, by step of time
-- params: tenant, model String; from_ns Int64 (included), to_ns Int64 (excluded); step_ns Int64;
--         dimension, value String (dimension empty: all decisions)
-- columns: step (number of the step), n
-- tables: decisions
WITH {dimension:String} AS d
SELECT
    {{step}} AS step,
    uniqExact(sipHash64(decision_id)) AS n
FROM decisions
WHERE {{decided}}
    AND {{in_slice}}
GROUP BY step
ORDER BY step
