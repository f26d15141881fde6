-- purpose: when the newest decision of each step of a model, and the newest label of one, was received
-- params: tenant, model String; from_ns Int64 (included), to_ns Int64 (excluded), of decisions; step_ns Int64
-- columns: step (number of the step), received_ns
-- tables: decisions, labels
WITH known AS (
    SELECT decision_id, received_at AS labelled
    FROM labels FINAL
    WHERE {{labels_of_decided}}
)
SELECT
    step,
    toUnixTimestamp64Nano(max(greatest(received, labelled))) AS received_ns
FROM (
    SELECT
        decision_id,
        received_at AS received,
        {{step}} AS step
    FROM decisions
    WHERE {{decided}}
) AS made
LEFT JOIN known USING (decision_id)
GROUP BY step
ORDER BY step
