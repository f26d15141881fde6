-- purpose: whether an outcome is what its label says, numbers compared as numbers; NULL without one of them
-- names: made (outcome), known (label, number, is_labelled)
if(known.is_labelled AND made.outcome != '',
    known.label = made.outcome OR ifNull(known.number = toFloat64OrNull(made.outcome), false),
    NULL)
