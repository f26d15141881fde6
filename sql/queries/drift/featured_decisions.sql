-- purpose: confidence, outcome, label and features of decisions of a model by step of time; of each step at
--          most so many, drawn by the hash of their ids; each decision once, a span before a log record
-- params: tenant, model String; from_ns Int64 (included), to_ns Int64 (excluded), of decisions;
--         step_ns Int64; dimension, value String (dimension empty: all decisions);
--         only_labelled Bool; positive String: the class that counts as positive where outcomes have two;
--         features Array(String); rows UInt64, of a step
-- columns: step (number of the step), confidence, has_outcome, is_positive, right, label_positive (NULL without
--          a label; right also without an outcome), numbers and texts (of each feature; NaN and '' where it
--          is not one; of a text the first 100 characters)
-- tables: decisions, labels
WITH
    {dimension:String} AS d,
    {positive:String} AS wanted,
    known AS (
        SELECT decision_id, label, number, true AS is_labelled
        FROM labels FINAL
        WHERE {only_labelled:Bool}
            AND {{labels_of_decided}}
    ),
    -- Ids first, so that the features of those drawn alone are read.
    drawn AS (
        SELECT decision_id
        FROM decisions
        WHERE {{decided}}
            AND ifNull(confidence >= 0 AND confidence <= 1, false)
            AND {{in_slice}}
            AND (NOT {only_labelled:Bool} OR decision_id GLOBAL IN (SELECT decision_id FROM known))
        ORDER BY sipHash64(decision_id)
        LIMIT {rows:UInt64} BY {{step}}
    ),
    made AS (
        SELECT
            decision_id,
            toUnixTimestamp64Nano(time) AS time_ns,
            confidence,
            outcome,
            arrayMap(f -> if(mapContains(feature_number, f), feature_number[f], nan), {features:Array(String)}) AS numbers,
            arrayMap(f -> substringUTF8(feature_string[f], 1, 100), {features:Array(String)}) AS texts
        FROM decisions
        WHERE {{decided}}
            AND decision_id GLOBAL IN (SELECT decision_id FROM drawn)
        {{each_once}}
    )
SELECT
    toUInt32(intDiv(made.time_ns - {from_ns:Int64}, {step_ns:Int64})) AS step,
    {{scored}},
    made.numbers AS numbers,
    made.texts AS texts
FROM made
LEFT JOIN known USING (decision_id)
WHERE NOT {only_labelled:Bool} OR known.is_labelled
ORDER BY step, sipHash64(decision_id)
