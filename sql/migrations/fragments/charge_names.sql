['operation', 'operation', 'operation', 'operation', 'operation', 'model', 'model', 'model', 'model', 'model',
                                    'model', 'model', 'model', 'model', 'provider', 'provider', 'provider', 'provider', 'provider', 'project',
                                    'project', 'user', 'user', 'user', 'feature', 'connector', 'prompt', 'prompt', 'prompt', 'prompt_version',
                                    'prompt_version', 'prompt_version', 'tier', 'tier', 'tier', 'tier', 'tier', 'cached', 'response']
