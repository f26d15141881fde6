counts['all_input'] AS all_input, counts['all_output'] AS all_output, counts['total'] AS total,
                            counts['cache_read'] AS cache_read, counts['cache_write'] AS cache_write, counts['cache_write_1h'] AS cache_write_1h,
                            counts['input_audio'] AS input_audio, counts['output_audio'] AS output_audio, counts['reasoning'] AS reasoning,
                            counts['cache_read'] + counts['cache_write'] AS cached,
                            counts['total'] - counts['all_input'] - counts['all_output'] AS rest,
                            names['operation'] AS operation, names['model'] AS model, names['provider'] AS named_provider, names['tier'] AS tier,
                            names['connector'] AS connector, names['cached'] AS cached_declared,
                            -- What is only carried along goes in one piece: planning an insert takes time for every name.
                            (names['project'], names['user'], names['feature'], names['prompt'], names['prompt_version'],
                             if(names['response'] = '', 0, sipHash64(names['response'])), service_name, environment, origin_id, retry) AS about
