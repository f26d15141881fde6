-- Charges: what every span used, a row a meter, with its price. They take the place of `usage`.
-- Rows of one key add up: `entry` is empty for what the span said and names a booking otherwise.

CREATE TABLE IF NOT EXISTS {{local charges}} {{on_cluster}} (
    tenant LowCardinality(String),
    time DateTime64(9, 'UTC') CODEC(Delta, LZ4),
    trace_id FixedString(16),
    span_id FixedString(8),
    meter LowCardinality(String),
    entry String,
    kind Enum8('usage' = 1, 'late_price' = 2, 'correction' = 3, 'adopted' = 4, 'reversed' = 5, 'shortfall' = 6),
    -- 'free' is a count nobody has a price for and needs none: requests, connector calls.
    -- 'aggregate' repeats the calls beneath and counts only once adopted.
    state Enum8('priced' = 1, 'unpriced' = 2, 'free' = 3, 'aggregate' = 4, 'quarantined' = 5),
    state_reason LowCardinality(String),
    unit LowCardinality(String),
    quantity Decimal(38, 9),
    -- 1 where money is missing, -1 where a later row brings it; so it adds up like the rest.
    unpriced Int8,
    -- 1 for what needs a price, -1 where it is reversed: coverage is 1 - sum(unpriced) / sum(events).
    events Int8,
    service_tier LowCardinality(String),
    context_tokens UInt64 CODEC(T64, LZ4),
    price_id LowCardinality(String),
    price_rule LowCardinality(String),
    amount Decimal(38, 18),
    currency LowCardinality(String),
    cost Decimal(38, 18),
    list_cost Decimal(38, 18),
    provider LowCardinality(String),
    model LowCardinality(String),
    operation LowCardinality(String),
    service_name LowCardinality(String),
    environment LowCardinality(String),
    project LowCardinality(String),
    user String,
    product_feature LowCardinality(String),
    connector LowCardinality(String),
    prompt_name LowCardinality(String),
    prompt_version LowCardinality(String),
    -- sipHash64 of the provider's own id of the response: one call seen twice has it twice.
    response_hash UInt64,
    -- What a quarantined row said.
    reported String,
    aggregate Bool,
    -- Whether the call repeats one that failed.
    retry Bool,
    -- Of a booking: the price change behind it, why, and who approved it.
    change_id LowCardinality(String),
    reason LowCardinality(String),
    approver LowCardinality(String),
    origin_id UInt64,
    received_at DateTime64(9, 'UTC') CODEC(Delta, LZ4),
    booked_at DateTime64(9, 'UTC') CODEC(Delta, LZ4),
    -- Of two rows with one key the one booked first holds, as the rollup has counted it already.
    precedence UInt64 DEFAULT bitNot(toUInt64(toUnixTimestamp64Nano(booked_at))) CODEC(Delta, LZ4),
    INDEX trace_id_bloom trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX booked_at_range booked_at TYPE minmax GRANULARITY 1
) ENGINE = {{engine ReplacingMergeTree(precedence)}}
PARTITION BY toYYYYMM(received_at)
ORDER BY (tenant, time, trace_id, span_id, meter, entry)
{{ttl charges toDateTime(received_at)}}
SETTINGS {{part_settings}};

{{distributed charges cityHash64(tenant, trace_id)}}

DROP VIEW IF EXISTS {{local span_usage_view}} {{on_cluster}};

CREATE MATERIALIZED VIEW IF NOT EXISTS {{local span_charges_view}} {{on_cluster}} TO {{local charges}} AS
SELECT
    tenant,
    time,
    trace_id,
    span_id,
    meter,
    '' AS entry,
    'usage' AS kind,
    state,
    multiIf(
        fault != '', fault,
        state != 'unpriced', '',
        model = '' AND unit = 'tokens', 'no_model',
        'no_price') AS state_reason,
    unit,
    if(fault = '', reported_quantity, 0) AS quantity,
    state = 'unpriced' AS unpriced,
    state IN ('priced', 'unpriced') AS events,
    service_tier,
    context_tokens,
    if(state = 'priced', found_id, '') AS price_id,
    if(state = 'priced', found_rule, '') AS price_rule,
    if(state = 'priced', found_amount, 0) AS amount,
    if(state = 'priced', found_currency, '') AS currency,
    if(state = 'priced', toDecimal128(roundBankers(toDecimal256(reported_quantity, 9) * found_amount, 18), 18), 0) AS cost,
    if(state = 'priced', toDecimal128(roundBankers(toDecimal256(reported_quantity, 9) * found_list_amount, 18), 18), 0) AS list_cost,
    provider,
    model,
    operation,
    about.7 AS service_name,
    about.8 AS environment,
    about.1 AS project,
    about.2 AS user,
    about.3 AS product_feature,
    connector,
    about.4 AS prompt_name,
    about.5 AS prompt_version,
    about.6 AS response_hash,
    if(fault = '', '', reported) AS reported,
    aggregate,
    about.10 AS retry,
    about.9 AS origin_id,
    received_at,
    now64(9, 'UTC') AS booked_at
FROM (
    SELECT
        tenant, time, trace_id, span_id, received_at, aggregate, provider, model, operation, connector, about, service_tier, context_tokens,
        meter,
        multiIf(
            meter IN ('input', 'cache_read', 'cache_write', 'cache_write_1h', 'input_audio', 'output', 'reasoning', 'output_audio', 'tokens'), 'tokens',
            meter = 'requests', 'requests',
            meter = 'connector_calls', 'calls',
            fault != '', '',
            endsWith(meter, '_seconds'), 'seconds',
            endsWith(meter, '_bytes'), 'bytes',
            endsWith(meter, '_tokens'), 'tokens',
            'count') AS unit,
        reported_quantity, fault, reported,
        found.1 AS found_currency,
        -- The last step the input is larger than; the first holds for everything.
        greatest(1, arrayLastIndex(x -> context_tokens > x, found.2)) AS step,
        found.3[step] AS found_amount,
        found.4[step] AS found_list_amount,
        found.5[step] AS found_id,
        found.6[step] AS found_rule,
        multiIf(
            fault != '', 'quarantined',
            aggregate, 'aggregate',
            found_id != '', 'priced',
            meter IN ('requests', 'connector_calls'), 'free',
            'unpriced') AS state
    FROM (
        SELECT
            tenant, time, trace_id, span_id, received_at, aggregate, provider, model, operation, connector, about, service_tier, context_tokens,
            meter, reported_quantity, fault, reported,
            dictGet(
                'price_points_dictionary', ('currency', 'above', 'amounts', 'list_amounts', 'price_ids', 'rules'),
                (
                    if(dictHas('price_points_dictionary', (tenant, low_provider, low_model, meter, service_tier), time), tenant, ''),
                    low_provider, low_model, meter, service_tier),
                time) AS found
        FROM (
            SELECT
                tenant, time, trace_id, span_id, received_at, aggregate, provider, model, operation, connector, about, service_tier, context_tokens,
                lower(provider) AS low_provider,
                lower(model) AS low_model,
                arrayConcat(
                    ['input', 'cache_read', 'cache_write', 'cache_write_1h', 'input_audio', 'output', 'reasoning', 'output_audio', 'requests', 'connector_calls'],
                    arrayMap(k -> substring(k, 18), other_keys), odds.1, ['tokens']) AS meters,
                arrayConcat(
                    -- Of tokens that cannot be, none is counted; the call to a connector is.
                    arrayMap(
                        (quantity, counted) -> quantity * counted,
                        [
                            whole_input - cached - input_audio, cache_read, cache_write - cache_write_1h, cache_write_1h, input_audio,
                            whole_output - reasoning - output_audio, reasoning, output_audio,
                            toDecimal128(all_input > 0 OR all_output > 0, 9), toDecimal128(connector != '', 9)
                        ],
                        arrayPushBack(arrayWithConstant(9, token_fault = ''), 1)),
                    other_values,
                    arrayWithConstant(length(odds) + 1, toDecimal128(0, 9))) AS quantities,
                arrayConcat(arrayWithConstant(10 + length(other_keys), ''), odds.3, [token_fault]) AS faults,
                arrayConcat(
                    arrayWithConstant(10 + length(other_keys), ''), odds.2,
                    [format('input={} output={} total={} cached={} reasoning={} audio={}+{}', toString(all_input), toString(all_output), toString(total), toString(cached), toString(reasoning), toString(input_audio), toString(output_audio))]) AS reports
            FROM (
                SELECT
                    tenant, time, trace_id, span_id, received_at, provider, model, operation, connector, about,
                    all_input, all_output, total, cache_read, cache_write, cache_write_1h, cached, reasoning, input_audio, output_audio,
                    whole_input, whole_output, other_keys, other_values, odds,
                    toUInt64(least(whole_input, 1000000000000)) AS context_tokens,
                    if(tier IN ('auto', 'default', 'standard', 'standard_only', 'on_demand'), '', tier) AS service_tier,
                    operation IN ('invoke_agent', 'invoke_workflow', 'agent_step', 'agent', 'chain', 'workflow', 'task')
                        OR (startsWith(operation, 'ai.') AND position(operation, '.do') = 0) AS aggregate,
                    multiIf(
                        total > 0 AND all_input = 0 AND all_output = 0, 'total_only',
                        total > 0 AND total != whole_input + whole_output, 'total_mismatch',
                        cached + input_audio > whole_input, 'cache_exceeds_input',
                        reasoning + output_audio > whole_output, 'reasoning_exceeds_output',
                        cache_write_1h > cache_write, 'cache_write_1h_exceeds_cache_write',
                        '') AS token_fault
                FROM (
                    SELECT
                        tenant, time, trace_id, span_id, received_at, provider, model, operation, connector, about, tier,
                        all_input, all_output, total, cache_read, cache_write, cache_write_1h, cached, reasoning, input_audio, output_audio,
                        other_keys, other_values, odds,
                        all_input + cached * cached_apart AS whole_input,
                        all_output + reasoning * if(
                            total > 0 AND reasoning > 0, rest = reasoning + cached * cached_apart,
                            reasoning > all_output) AS whole_output
                    FROM (
                        SELECT
                            tenant, time, trace_id, span_id, received_at, model, operation, connector, about, tier,
                            all_input, all_output, total, rest, cache_read, cache_write, cache_write_1h, cached, reasoning, input_audio, output_audio,
                            other_keys, other_values, odds,
                            transform(
                                named_provider,
                                ['az.ai.openai', 'az.ai.inference', 'vertex_ai', 'gemini', 'xai'],
                                ['azure.ai.openai', 'azure.ai.inference', 'gcp.vertex_ai', 'gcp.gemini', 'x_ai'],
                                named_provider) AS provider,
                            -- Whether cached tokens come on top of the input, and reasoning on top of the output:
                            -- what the span declares, else what gives the reported total, else what is possible.
                            multiIf(
                                cached_declared = 'excluded', 1,
                                cached_declared = 'included', 0,
                                total > 0, rest > 0 AND (rest = cached OR rest = cached + reasoning) AND rest != reasoning,
                                cached > all_input) AS cached_apart
                        FROM (
                            SELECT
                                tenant, time, trace_id, span_id, received_at, odds,
                                arrayFilter(k -> startsWith(k, 'answerable.usage.'), mapKeys(counts)) AS other_keys,
                                arrayFilter((v, k) -> startsWith(k, 'answerable.usage.'), mapValues(counts), mapKeys(counts)) AS other_values,
                                {{charge_columns}}
                            FROM (
                                SELECT
                                    tenant, time, trace_id, span_id, received_at, service_name, environment, origin_id, retry, names,
                                    -- Of several names for one count the largest holds, of several for one text the first in order.
                                    arrayReverseSort(arrayFilter(n -> n.3 = '', arrayZip(numbers, arrayMap(k -> transform(k, {{charge_keys}}, {{charge_counts}}, k), keys), faults))) AS sound,
                                    CAST((sound.2, sound.1), 'Map(String, Decimal(38, 9))') AS counts,
                                    arrayFilter(odd -> odd.3 != '', arrayZip(keys, texts, faults)) AS odds
                                FROM (
                                    SELECT
                                        tenant, time, trace_id, span_id, received_at, service_name, environment, origin_id, retry, names, keys, texts,
                                        arrayMap(n -> ifNull(n, toDecimal128(0, 9)), maybe) AS numbers,
                                        arrayMap(
                                            (k, n) -> multiIf(
                                                n IS NULL, 'not_a_number',
                                                n < 0, 'negative',
                                                n > if(startsWith(k, 'answerable.usage.') AND NOT endsWith(k, '_tokens'), 1000000000000000000, 1000000000000), 'implausible',
                                                (NOT startsWith(k, 'answerable.usage.') OR endsWith(k, '_tokens')) AND n != toInt64(assumeNotNull(n)), 'fractional_tokens',
                                                ''),
                                            keys, maybe) AS faults
                                    FROM (
                                        SELECT
                                            tenant, time, trace_id, span_id, received_at, service_name, environment, origin_id, retry,
                                            mapKeys(reported) AS keys,
                                            arrayMap(
                                                v -> multiIf(v.kind = 'int', toString(v.int_value), v.kind = 'double', toString(v.double_value), v.string_value),
                                                mapValues(reported)) AS texts,
                                            arrayMap(text -> toDecimal128OrNull(text, 9), texts) AS maybe,
                                            arraySort(n -> n.1, arrayMap(
                                                (k, v) -> (indexOf({{charge_name_keys}}, k), if(k = 'openinference.span.kind', lower(v.string_value), v.string_value)),
                                                mapKeys(named), mapValues(named))) AS ordered,
                                            CAST((arrayMap(n -> {{charge_names}}[n.1], ordered), ordered.2), 'Map(String, String)') AS names
                                        FROM (
                                            SELECT
                                                tenant,
                                                start_time AS time,
                                                toFixedString(span.trace_id, 16) AS trace_id,
                                                toFixedString(span.span_id, 8) AS span_id,
                                                service_name, environment, origin_id, received_at,
                                                span.attributes['http.request.resend_count'].int_value > 0 OR span.attributes['answerable.attempt'].int_value > 1 AS retry,
                                                mapFilter((k, v) -> v.kind = 'string' AND v.string_value != '' AND k IN {{charge_name_keys}}, span.attributes) AS named,
                                                mapFilter((k, v) -> v.kind IN ('int', 'double', 'string') AND (startsWith(k, 'answerable.usage.') OR k IN {{charge_keys}}), span.attributes) AS reported
                                            FROM otlp_spans
                                            WHERE verdict = '' AND (is_usage OR mapContains(span.attributes, 'answerable.connector.name'))
                                        )
                                    )
                                )
                            )
                        )
                    )
                )
            )
        )
        ARRAY JOIN meters AS meter, quantities AS reported_quantity, faults AS fault, reports AS reported
        WHERE reported_quantity > 0 OR fault != ''
    )
);

-- What was counted before there were prices becomes charges without one; restatement does the rest.
INSERT INTO charges
    (tenant, time, trace_id, span_id, meter, entry, kind, state, state_reason, unit, quantity, unpriced, events,
     provider, model, operation, service_name, environment, aggregate, received_at, booked_at)
SELECT
    tenant, time, trace_id, span_id, meter, '', 'usage',
    multiIf(aggregate, 'aggregate', meter = 'requests', 'free', 'unpriced'),
    if(aggregate OR meter = 'requests', '', 'no_price'),
    unit, quantity, NOT aggregate AND meter != 'requests', NOT aggregate AND meter != 'requests',
    provider, model, operation, service_name, environment, aggregate, received_at, received_at
FROM usage;
