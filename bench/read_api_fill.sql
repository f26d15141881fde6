-- purpose: fill the store as the traces path does, ten spans a trace, for bench/read_api.py
-- params: first UInt64 (number of the first span), spans UInt64, start_ns Int64 (of trace 0),
--         trace_step_ns Int64 (between the starts of two traces), received_ns Int64
-- tables: otlp_traces_in, and through its views every table a span feeds
INSERT INTO otlp_traces_in (tenant, request_id, received_at, key_id, wire_bytes, items, request_resource_spans)
WITH
    intDiv(number, 10) AS trace,
    number % 10 AS step,
    {start_ns:Int64} + toInt64(trace) * {trace_step_ns:Int64} + toInt64(step) * 1000000 AS begin_ns,
    step IN (3, 4) AS is_call,
    step = 2 AS is_decision,
    arrayConcat(
        [('http.route', ('string', '/grade', 0, 0, 0., [], '', '')),
         ('server.address', ('string', 'grader.internal', 0, 0, 0., [], '', '')),
         ('http.response.status_code', ('int', '', 0, 200, 0., [], '', '')),
         ('retry.count', ('int', '', 0, toInt64(trace % 3), 0., [], '', '')),
         ('sampled', ('bool', '', 1, 0, 0., [], '', ''))],
        if(is_call,
           [('gen_ai.operation.name', ('string', 'chat', 0, 0, 0., [], '', '')),
            ('gen_ai.provider.name', ('string', 'openai', 0, 0, 0., [], '', '')),
            ('gen_ai.request.model', ('string', if(trace % 7 = 0, 'gpt-5', 'gpt-5-mini'), 0, 0, 0., [], '', '')),
            ('gen_ai.usage.input_tokens', ('int', '', 0, toInt64(200 + trace % 900), 0., [], '', '')),
            ('gen_ai.usage.output_tokens', ('int', '', 0, toInt64(20 + trace % 90), 0., [], '', ''))],
           []),
        if(is_decision,
           [('answerable.decision.id', ('string', concat('decision-', toString(trace)), 0, 0, 0., [], '', '')),
            ('answerable.decision.name', ('string', 'grade_essay', 0, 0, 0., [], '', '')),
            ('answerable.decision.outcome', ('string', if(trace % 3 = 0, 'A', 'B'), 0, 0, 0., [], '', '')),
            ('answerable.confidence', ('double', '', 0, 0, (trace % 100) / 100, [], '', '')),
            ('answerable.model.name', ('string', 'essay-grader', 0, 0, 0., [], '', '')),
            ('answerable.route', ('string', if(trace % 10 = 0, 'human', 'auto'), 0, 0, 0., [], '', '')),
            ('answerable.feature.words', ('int', '', 0, toInt64(trace % 2000), 0., [], '', ''))],
           [])) AS attributes,
    (unhex(hex(sipHash128(trace))),
     unhex(leftPad(hex(sipHash64(number)), 16, '0')),
     '',
     if(step = 0, '', unhex(leftPad(hex(sipHash64(number - step)), 16, '0'))),
     concat('step ', toString(step)),
     if(step = 0, 2, 1),
     toUInt64(begin_ns),
     toUInt64(begin_ns) + 1000000 * (1 + cityHash64(number) % 400),
     CAST(attributes, 'Map(String, Tuple(String, String, UInt8, Int64, Float64, Array(String), String, String))'),
     0, [], 0, [], 0,
     ('', if(cityHash64(number, 1) % 200 = 0, 2, 0)),
     1) AS span
SELECT
    tenant,
    concat('request-', toString(min(request))) AS request_id,
    {received_ns:Int64} AS received_at,
    'bench' AS key_id,
    sum(length(group_spans)) * 300 AS wire_bytes,
    sum(length(group_spans)) AS items,
    groupArray((
        (CAST([('service.name', ('string', service, 0, 0, 0., [], '', '')),
               ('service.version', ('string', '1.4.2', 0, 0, 0., [], '', '')),
               ('deployment.environment.name', ('string', 'production', 0, 0, 0., [], '', ''))],
              'Map(String, Tuple(String, String, UInt8, Int64, Float64, Array(String), String, String))'), 0),
        [(('bench', '1', map(), 0), group_spans, '')],
        '')) AS request_resource_spans
FROM (
    SELECT
        concat('tenant-', toString(trace % 4)) AS tenant,
        ['gateway', 'grader', 'retriever', 'writer', 'gradebook'][1 + (step + trace) % 5] AS service,
        intDiv(number, 2000) AS request,
        groupArray(span) AS group_spans
    FROM numbers({first:UInt64}, {spans:UInt64})
    GROUP BY tenant, service, request
)
GROUP BY tenant, request
