-- purpose: decisions of one model over some hours, sixteen numbers and four texts each, for bench/drift_store.py
-- params: decisions UInt64; start_ns Int64; hours UInt32
-- tables: decisions
INSERT INTO decisions
    (tenant, time, decision_id, source, name, model_name, model_version, outcome, confidence, feature_number, feature_string,
     service_name, environment, route, received_at)
WITH fromUnixTimestamp64Nano({start_ns:Int64} + toInt64(number * ({hours:UInt32} * 3600000000000 / {decisions:UInt64})), 'UTC') AS at
SELECT
    'bench', at, concat('d', toString(number)), 'span', 'grade', 'grader',
    concat('v', toString(number % 3)), ['pass', 'fail', 'review'][1 + number % 3], (number % 1000) / 1000,
    CAST(arrayMap(i -> (concat('number_', toString(i)), randNormal(0, 1, number * 20 + i)), range(16)), 'Map(LowCardinality(String), Float64)'),
    CAST(arrayMap(i -> (concat('text_', toString(i)), concat('word', toString(cityHash64(number, i) % 30))), range(4)), 'Map(LowCardinality(String), String)'),
    concat('service-', toString(number % 4)), 'production', ['auto', 'human'][1 + number % 2], at
FROM numbers({decisions:UInt64})
