-- purpose: the values of every dimension with the most money in two windows, to keep apart while the rest is folded
-- params: tenants Array(String) (empty: all but the service's own); known_ns Int64 bounds when a charge was booked; both
--         windows in UTC ns, start included, end not: baseline_from_ns, baseline_to_ns, current_from_ns, current_to_ns Int64,
--         and the whole hours inside: baseline_whole_from_ns, baseline_whole_to_ns, current_whole_from_ns,
--         current_whole_to_ns Int64; project, provider, model, prompt, prompt_version, feature, connector,
--         service, environment, operation, tier Array(String) (empty: any);
--         kept UInt32 (values a dimension)
-- columns: dimension, kept_value
-- tables: charge_sums, charges
SELECT
    value.1 AS dimension,
    value.2 AS kept_value
FROM (
    {{compared_charges}}
)
ARRAY JOIN [
        ('tenant', toString(tenant)),
        ('project', toString(project)),
        ('feature', toString(product_feature)),
        ('service', toString(service_name)),
        ('connector', toString(connector)),
        ('prompt', toString(prompt_name))
    ] AS value
WHERE {{of_tenants}}
    AND {{charged}}
    AND (empty({tier:Array(String)}) OR has({tier:Array(String)}, service_tier))
GROUP BY dimension, kept_value
ORDER BY dimension, sum(abs(cost)) DESC, sum(events) DESC, kept_value
LIMIT {kept:UInt32} BY dimension
