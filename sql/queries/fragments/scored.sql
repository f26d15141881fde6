-- purpose: confidence, outcome and label of a decision, numbers compared as numbers
-- names: made (confidence, outcome), known (label, number, is_labelled), wanted (the positive class)
made.confidence AS confidence,
    made.outcome != '' AS has_outcome,
    made.outcome = wanted
        OR ifNull(toFloat64OrNull(made.outcome) = toFloat64OrNull(wanted), false) AS is_positive,
    {{is_right}} AS right,
    if(known.is_labelled,
        known.label = wanted OR ifNull(known.number = toFloat64OrNull(wanted), false),
        NULL) AS label_positive
