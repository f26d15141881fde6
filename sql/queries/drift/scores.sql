-- purpose: confidence, outcome and label of the decisions of a model by step of time; each decision
--          once, a span before a log record
-- params: tenant, model String; from_ns Int64 (included), to_ns Int64 (excluded), of decisions;
--         step_ns Int64; dimension, value String (dimension empty: all decisions);
--         only_labelled Bool; modulo UInt64 (takes one decision in so many, by hash); positive String: the class that
--         counts as positive where outcomes have two; numbers are compared as numbers
-- columns: step (number of the step), confidence, has_outcome, is_positive, right, label_positive
--          (NULL without a label; right also without an outcome), delay_s from decision to label
-- tables: decisions, labels
WITH
    {dimension:String} AS d,
    {positive:String} AS wanted,
    made AS (
        SELECT
            decision_id,
            toUnixTimestamp64Nano(time) AS time_ns,
            confidence,
            outcome
        FROM decisions
        WHERE {{drawn}}
            AND {{in_slice}}
        {{each_once}}
    ),
    known AS (
        SELECT
            decision_id,
            label,
            number,
            toUnixTimestamp64Nano(labelled_at) AS labelled_ns,
            true AS is_labelled
        FROM labels FINAL
        WHERE {{labels_of_drawn}}
    )
SELECT
    toUInt32(intDiv(made.time_ns - {from_ns:Int64}, {step_ns:Int64})) AS step,
    {{scored}},
    if(known.is_labelled, (known.labelled_ns - made.time_ns) / 1e9, NULL) AS delay_s
FROM made
LEFT JOIN known USING (decision_id)
WHERE NOT {only_labelled:Bool} OR known.is_labelled
ORDER BY step, made.time_ns, decision_id
