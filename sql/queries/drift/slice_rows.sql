-- purpose: decisions of a model with what they were made from, to search slices among; each decision once, a span before a
--          log record
-- params: tenant, model String; from_ns Int64 (included), to_ns Int64 (excluded); labelled Bool: only those with an outcome
--         and a label; confident Bool: only those with a confidence; features Array(String): names (empty: all);
--         modulo UInt64 (takes one decision in so many, by hash); limit UInt64
-- columns: decision_hash, time_ns, confidence, outcome, right (NULL without a label or an outcome; numbers are compared as
--          numbers), numbers and texts (maps by feature), model_version, prompt_version, environment,
--          service_name, route, input_tokens, output_tokens, duration_s (NULL where not sent)
-- tables: decisions, labels
WITH
    found AS (
        SELECT
            decision_id,
            toUnixTimestamp64Nano(time) AS time_ns,
            confidence,
            outcome,
            mapFilter(
                (k, v) -> empty({features:Array(String)}) OR has({features:Array(String)}, k),
                feature_number) AS numbers,
            mapFilter(
                (k, v) -> empty({features:Array(String)}) OR has({features:Array(String)}, k),
                feature_string) AS texts,
            model_version,
            prompt_version,
            environment,
            service_name,
            route,
            toFloat64(tokens_input) AS input_tokens,
            toFloat64(tokens_output) AS output_tokens,
            if(duration_ns = 0, NULL, duration_ns / 1e9) AS duration_s
        FROM decisions
        WHERE tenant = {tenant:String}
            AND model_name = {model:String}
            AND time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
            AND time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
            AND sipHash64(decision_id) % {modulo:UInt64} = 0
            AND (NOT {confident:Bool} OR confidence IS NOT NULL)
        ORDER BY decisions.source, decisions.time DESC, decisions.received_at DESC
        LIMIT 1 BY decision_id
    ),
    known AS (
        SELECT
            decision_id,
            label,
            number,
            true AS is_labelled
        FROM labels FINAL
        WHERE {labelled:Bool}
            AND tenant = {tenant:String}
            AND sipHash64(decision_id) % {modulo:UInt64} = 0
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
    sipHash64(decision_id) AS decision_hash,
    found.time_ns AS time_ns,
    found.confidence AS confidence,
    found.outcome AS outcome,
    if(known.is_labelled AND found.outcome != '',
        known.label = found.outcome
            OR ifNull(known.number = toFloat64OrNull(found.outcome), false),
        NULL) AS right,
    found.numbers AS numbers,
    found.texts AS texts,
    toString(found.model_version) AS model_version,
    toString(found.prompt_version) AS prompt_version,
    toString(found.environment) AS environment,
    toString(found.service_name) AS service_name,
    toString(found.route) AS route,
    found.input_tokens AS input_tokens,
    found.output_tokens AS output_tokens,
    found.duration_s AS duration_s
FROM found
GLOBAL LEFT JOIN known USING (decision_id)
WHERE NOT {labelled:Bool} OR known.is_labelled AND found.outcome != ''
ORDER BY decision_hash
LIMIT {limit:UInt64}
