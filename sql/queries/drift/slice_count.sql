-- purpose: how many decisions of a model a search for slices has to look at
-- params: tenant, model String; from_ns Int64 (included), to_ns Int64 (excluded); labelled Bool: only those with an outcome
--         and a label; confident Bool: only those with a confidence
-- columns: decisions
-- tables: decisions, labels
SELECT uniqExact(sipHash64(decision_id)) AS decisions
FROM decisions
WHERE {{decided}}
    AND (NOT {confident:Bool} OR confidence IS NOT NULL)
    AND (NOT {labelled:Bool} OR outcome != '' AND decision_id GLOBAL IN (
        SELECT decision_id
        FROM labels
        WHERE tenant = {tenant:String}))
