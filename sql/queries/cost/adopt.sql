-- purpose: price usage that only an agent or workflow span reported, and count it
-- params: keys Array(String) ('tenant/trace/span/unit', ids in hex); from_ns Int64 (included), to_ns Int64 (excluded)
-- columns: none
-- tables: charges, price_points_dictionary
{{insert_reversals}}
SELECT
    tenant, time, trace_id, span_id, meter, 'adopted', 'adopted',
    multiIf(found_id != '', 'priced', meter IN ('requests', 'connector_calls'), 'free', 'unpriced') AS new_state,
    if(new_state = 'unpriced', 'no_price', ''),
    unit, quantity, new_state = 'unpriced', new_state IN ('priced', 'unpriced'), service_tier, context_tokens,
    found_id, if(found_id != '', found.6[step], ''), if(found_id != '', found_amount, 0), if(found_id != '', found.1, ''),
    toDecimal128(roundBankers(toDecimal256(quantity, 9) * found_amount, 18), 18),
    toDecimal128(roundBankers(toDecimal256(quantity, 9) * found.4[step], 18), 18),
    provider, model, operation, service_name, environment, project, user, product_feature, connector, prompt_name, prompt_version,
    response_hash, aggregate, retry, 'no call of its trace reported this', origin_id, received_at, now64(9, 'UTC')
FROM (
    SELECT
        tenant, time, trace_id, span_id, meter, unit, quantity, service_tier, context_tokens, provider, model, operation,
        service_name, environment, project, user, product_feature, connector, prompt_name, prompt_version, response_hash, aggregate,
        retry, origin_id, received_at,
        if(dictHas('price_points_dictionary', (tenant, lower(provider), lower(model), meter, service_tier), time), tenant, '') AS holder,
        dictGet('price_points_dictionary', ('currency', 'above', 'amounts', 'list_amounts', 'price_ids', 'rules'), (holder, lower(provider), lower(model), meter, service_tier), time) AS found,
        greatest(1, arrayLastIndex(x -> context_tokens > x, found.2)) AS step,
        found.3[step] AS found_amount,
        found.5[step] AS found_id
    FROM charges FINAL
    WHERE {{in_time}}
        AND state = 'aggregate'
        AND has({keys:Array(String)}, concat(tenant, '/', lower(hex(trace_id)), '/', lower(hex(span_id)), '/', unit))
)
