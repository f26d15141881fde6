-- purpose: when the newest decision of each step of a model, and the newest label of one, was received
-- params: tenant, model String; from_ns Int64 (included), to_ns Int64 (excluded), of decisions; step_ns Int64
-- columns: step (number of the step), received_ns
-- tables: decisions, labels
WITH known AS (
    SELECT decision_id, received_at AS labelled
    FROM labels FINAL
    WHERE tenant = {tenant:String}
        AND decision_id GLOBAL IN (
            SELECT decision_id
            FROM decisions
            WHERE tenant = {tenant:String}
                AND model_name = {model:String}
                AND time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
                AND time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC'))
)
SELECT
    step,
    toUnixTimestamp64Nano(max(greatest(received, labelled))) AS received_ns
FROM (
    SELECT
        decision_id,
        received_at AS received,
        toUInt32(intDiv(toUnixTimestamp64Nano(time) - {from_ns:Int64}, {step_ns:Int64})) AS step
    FROM decisions
    WHERE tenant = {tenant:String}
        AND model_name = {model:String}
        AND time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
        AND time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
) AS made
LEFT JOIN known USING (decision_id)
GROUP BY step
ORDER BY step
