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
    {positive:String} AS wanted,
    named AS (
        SELECT
            decision_id,
            toUnixTimestamp64Nano(time) AS time_ns,
            confidence,
            outcome,
            toFloat64OrNull(outcome) AS outcome_number
        FROM decisions
        WHERE tenant = {tenant:String}
            AND model_name = {model:String}
            AND time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
            AND time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
            AND sipHash64(decision_id) % {modulo:UInt64} = 0
            AND ({dimension:String} = '' OR {value:String} = multiIf(
                {dimension:String} = 'model_version', toString(model_version),
                {dimension:String} = 'prompt_version', toString(prompt_version),
                {dimension:String} = 'environment', toString(environment),
                {dimension:String} = 'service_name', toString(service_name),
                toString(route)))
        ORDER BY decisions.source, decisions.time DESC, decisions.received_at DESC
        LIMIT 1 BY decision_id
    ),
    known AS (
        SELECT
            decision_id,
            label,
            number,
            toUnixTimestamp64Nano(labelled_at) AS labelled_ns,
            true AS is_labelled
        FROM labels FINAL
        WHERE tenant = {tenant:String}
            AND decision_id GLOBAL IN (
                SELECT decision_id
                FROM decisions
                WHERE tenant = {tenant:String}
                    AND model_name = {model:String}
                    AND time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
                    AND time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
                    AND sipHash64(decision_id) % {modulo:UInt64} = 0)
    )
SELECT
    toUInt32(intDiv(named.time_ns - {from_ns:Int64}, {step_ns:Int64})) AS step,
    named.confidence AS confidence,
    named.outcome != '' AS has_outcome,
    named.outcome = wanted
        OR ifNull(named.outcome_number = toFloat64OrNull(wanted), false) AS is_positive,
    if(known.is_labelled AND named.outcome != '',
        known.label = named.outcome OR ifNull(known.number = named.outcome_number, false),
        NULL) AS right,
    if(known.is_labelled,
        known.label = wanted OR ifNull(known.number = toFloat64OrNull(wanted), false),
        NULL) AS label_positive,
    if(known.is_labelled, (known.labelled_ns - named.time_ns) / 1e9, NULL) AS delay_s
FROM named
LEFT JOIN known USING (decision_id)
WHERE NOT {only_labelled:Bool} OR known.is_labelled
ORDER BY step, named.time_ns, decision_id
