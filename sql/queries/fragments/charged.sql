-- purpose: charges by what they are for
-- params: project, provider, model, prompt, prompt_version, feature, connector, service, environment,
--         operation Array(String) (each empty: any)
(empty({project:Array(String)}) OR has({project:Array(String)}, project))
    AND (empty({provider:Array(String)}) OR has({provider:Array(String)}, provider))
    AND (empty({model:Array(String)}) OR has({model:Array(String)}, model))
    AND (empty({prompt:Array(String)}) OR has({prompt:Array(String)}, prompt_name))
    AND (empty({prompt_version:Array(String)}) OR has({prompt_version:Array(String)}, prompt_version))
    AND (empty({feature:Array(String)}) OR has({feature:Array(String)}, product_feature))
    AND (empty({connector:Array(String)}) OR has({connector:Array(String)}, connector))
    AND (empty({service:Array(String)}) OR has({service:Array(String)}, service_name))
    AND (empty({environment:Array(String)}) OR has({environment:Array(String)}, environment))
    AND (empty({operation:Array(String)}) OR has({operation:Array(String)}, operation))
