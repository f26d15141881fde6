-- purpose: decisions of a model in a window, one in so many by hash
-- params: tenant, model String; from_ns, to_ns Int64; modulo UInt64
{{decided}}
    AND sipHash64(decision_id) % {modulo:UInt64} = 0
