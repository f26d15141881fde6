-- purpose: labels of decisions of a model in a window, one in so many by hash
-- params: tenant, model String; from_ns, to_ns Int64; modulo UInt64
tenant = {tenant:String}
    AND sipHash64(decision_id) % {modulo:UInt64} = 0
    AND decision_id GLOBAL IN (
        SELECT decision_id
        FROM decisions
        WHERE {{drawn}})
