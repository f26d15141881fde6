-- purpose: the resources and scopes that rows of one tenant name by hash
-- params: tenant String; origin_ids Array(UInt64)
-- columns: origin_id, resource_attributes, scope_attributes (packed: a letter for the type, then the
--          value as text, or hex), resource_dropped, resource_schema_url, scope_name,
--          scope_version, scope_dropped, scope_schema_url
-- tables: origins (no window: a row a resource and scope, found by its key)
WITH
    v -> multiIf(
        v.kind = 'string', concat('s', v.string_value),
        v.kind = 'int', concat('i', toString(v.int_value)),
        v.kind = 'double', concat('d', toString(v.double_value)),
        v.kind = 'bool', if(v.bool_value != 0, 't', 'f'),
        v.kind = 'array', concat('a', arrayStringConcat(arrayMap(x -> concat(hex(x), ','), v.array_value_values))),
        v.kind = 'kvlist', concat('k', hex(v.kvlist_value)),
        v.kind = 'bytes', concat('b', hex(v.bytes_value)),
        'n') AS packed
SELECT
    origin_id,
    mapApply((k, v) -> (k, packed(v)), resource_attributes) AS packed_resource,
    resource_dropped_attributes_count AS resource_dropped,
    resource_schema_url,
    scope_name,
    scope_version,
    mapApply((k, v) -> (k, packed(v)), scope_attributes) AS packed_scope,
    scope_dropped_attributes_count AS scope_dropped,
    scope_schema_url
FROM origins
WHERE tenant IN ({tenant:String}, '')
    AND has({origin_ids:Array(UInt64)}, origin_id)
ORDER BY tenant DESC
LIMIT 1 BY origin_id
