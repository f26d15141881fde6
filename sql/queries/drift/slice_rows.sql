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
    made AS (
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
        WHERE {{drawn}}
            AND (NOT {confident:Bool} OR confidence IS NOT NULL)
        {{each_once}}
    ),
    known AS (
        SELECT
            decision_id,
            label,
            number,
            true AS is_labelled
        FROM labels FINAL
        WHERE {labelled:Bool}
            AND {{labels_of_drawn}}
    )
SELECT
    sipHash64(decision_id) AS decision_hash,
    made.time_ns AS time_ns,
    made.confidence AS confidence,
    made.outcome AS outcome,
    {{is_right}} AS right,
    made.numbers AS numbers,
    made.texts AS texts,
    toString(made.model_version) AS model_version,
    toString(made.prompt_version) AS prompt_version,
    toString(made.environment) AS environment,
    toString(made.service_name) AS service_name,
    toString(made.route) AS route,
    made.input_tokens AS input_tokens,
    made.output_tokens AS output_tokens,
    made.duration_s AS duration_s
FROM made
GLOBAL LEFT JOIN known USING (decision_id)
WHERE NOT {labelled:Bool} OR known.is_labelled AND made.outcome != ''
ORDER BY decision_hash
LIMIT {limit:UInt64}
