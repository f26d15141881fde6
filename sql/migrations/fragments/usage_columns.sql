mapApply((k, v) -> (k, v.string_value), mapFilter((k, v) -> v.kind = 'string', span.attributes)) AS names,
    mapFilter((k, c) -> ifNull(c <= 1000000000000000000, 0), mapApply(
        (k, v) -> (k, toDecimal128OrNull(multiIf(v.kind = 'int', toString(v.int_value), v.kind = 'double', toString(v.double_value), v.string_value), 9)),
        mapFilter((k, v) -> match(k, '(gen_ai\\.usage\\.|llm\\.token_count\\.|llm\\.usage\\.|ai\\.usage\\.|answerable\\.usage\\.)') AND v.kind IN ('int', 'double', 'string'), span.attributes))) AS counts,
    toDecimal128(0, 9) AS nothing,
    arrayMax(arrayMap(k -> ifNull(counts[k], nothing), ['gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens', 'llm.token_count.prompt', 'llm.usage.prompt_tokens', 'ai.usage.promptTokens', 'ai.usage.inputTokens'])) AS all_input,
    arrayMax(arrayMap(k -> ifNull(counts[k], nothing), ['gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens', 'llm.token_count.completion', 'llm.usage.completion_tokens', 'ai.usage.completionTokens', 'ai.usage.outputTokens'])) AS all_output,
    arrayMax(arrayMap(k -> ifNull(counts[k], nothing), ['gen_ai.usage.cache_read.input_tokens', 'gen_ai.usage.cache_read_input_tokens', 'gen_ai.usage.input_tokens.cached', 'llm.token_count.prompt_details.cache_read', 'ai.usage.cachedInputTokens'])) AS cache_read,
    arrayMax(arrayMap(k -> ifNull(counts[k], nothing), ['gen_ai.usage.cache_write.input_tokens', 'gen_ai.usage.cache_creation.input_tokens', 'gen_ai.usage.cache_creation_input_tokens', 'gen_ai.usage.input_tokens.cache_write', 'llm.token_count.prompt_details.cache_write'])) AS cache_write,
    arrayMax(arrayMap(k -> ifNull(counts[k], nothing), ['gen_ai.usage.reasoning.output_tokens', 'gen_ai.usage.reasoning_tokens', 'llm.usage.reasoning_tokens', 'llm.token_count.completion_details.reasoning', 'ai.usage.reasoningTokens'])) AS reasoning,
    arrayFilter(e -> e.3 > 0, arrayConcat(
        [
            ('input', 'tokens', if(all_input >= cache_read + cache_write, all_input - cache_read - cache_write, all_input)),
            ('cache_read', 'tokens', cache_read),
            ('cache_write', 'tokens', cache_write),
            ('output', 'tokens', if(all_output >= reasoning, all_output - reasoning, all_output)),
            ('reasoning', 'tokens', reasoning),
            ('requests', 'requests', toDecimal128(toUInt8(all_input > 0 OR all_output > 0), 9))
        ],
        arrayMap(
            k -> (substring(k, 18), multiIf(endsWith(k, '_seconds'), 'seconds', endsWith(k, '_bytes'), 'bytes', endsWith(k, '_tokens'), 'tokens', 'count'), ifNull(counts[k], nothing)),
            arrayFilter(k -> startsWith(k, 'answerable.usage.'), mapKeys(counts)))
    )) AS entries,
    arrayFirst(x -> x != '', [names['gen_ai.operation.name'], names['llm.request.type'], lower(names['openinference.span.kind']), names['traceloop.span.kind'], names['ai.operationId']]) AS operation,
    operation IN ('invoke_agent', 'invoke_workflow', 'agent_step', 'agent', 'chain', 'workflow', 'task')
        OR (startsWith(operation, 'ai.') AND position(operation, '.do') = 0) AS aggregate,
    arrayFirst(x -> x != '', [names['gen_ai.response.model'], names['gen_ai.request.model'], names['llm.response.model_name'], names['llm.model_name'], names['llm.request.model_name'], names['embedding.model_name'], names['ai.response.model'], names['ai.model.id'], names['answerable.model.name']]) AS model,
    transform(
        arrayFirst(x -> x != '', [names['gen_ai.provider.name'], names['gen_ai.system'], names['llm.provider'], names['llm.system'], names['ai.model.provider']]) AS named_provider,
        ['az.ai.openai', 'az.ai.inference', 'vertex_ai', 'gemini', 'xai'],
        ['azure.ai.openai', 'azure.ai.inference', 'gcp.vertex_ai', 'gcp.gemini', 'x_ai'],
        named_provider) AS provider
