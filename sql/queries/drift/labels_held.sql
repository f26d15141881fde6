-- purpose: the labels that hold for some decisions
-- params: tenant String; decision_ids Array(String)
-- columns: decision_id, label, number, source, labelled_ns, received_ns
-- tables: labels
SELECT
    decision_id,
    label,
    number,
    source,
    toUnixTimestamp64Nano(labelled_at) AS labelled_ns,
    toUnixTimestamp64Nano(received_at) AS received_ns
FROM labels FINAL
WHERE tenant = {tenant:String} AND decision_id IN {decision_ids:Array(String)}
