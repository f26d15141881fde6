['all_input', 'all_input', 'all_input', 'all_input', 'all_input', 'all_input', 'all_output', 'all_output',
                                    'all_output', 'all_output', 'all_output', 'all_output', 'total', 'total', 'total', 'total', 'total',
                                    'cache_read', 'cache_read', 'cache_read', 'cache_read', 'cache_read', 'cache_write', 'cache_write',
                                    'cache_write', 'cache_write', 'cache_write', 'cache_write_1h', 'input_audio', 'input_audio', 'output_audio',
                                    'output_audio', 'reasoning', 'reasoning', 'reasoning', 'reasoning', 'reasoning']
