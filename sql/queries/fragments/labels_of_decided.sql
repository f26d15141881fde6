-- purpose: labels of decisions of a model in a window
-- params: tenant, model String; from_ns, to_ns Int64
tenant = {tenant:String}
    AND decision_id GLOBAL IN (
        SELECT decision_id
        FROM decisions
        WHERE {{decided}})
