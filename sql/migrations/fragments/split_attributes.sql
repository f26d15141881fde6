mapFromArrays(arrayFilter((k, t) -> t = 'string', keys, kinds), arrayFilter((v, t) -> t = 'string', values.string_value, kinds)) AS attr_string,
    mapFromArrays(arrayFilter((k, t) -> t = 'int', keys, kinds), arrayFilter((v, t) -> t = 'int', values.int_value, kinds)) AS attr_int,
    mapFromArrays(arrayFilter((k, t) -> t = 'double', keys, kinds), arrayFilter((v, t) -> t = 'double', values.double_value, kinds)) AS attr_double,
    mapFromArrays(arrayFilter((k, t) -> t = 'bool', keys, kinds), arrayMap(v -> v != 0, arrayFilter((v, t) -> t = 'bool', values.bool_value, kinds))) AS attr_bool,
    mapFromArrays(arrayFilter((k, t) -> t = 'array', keys, kinds), arrayFilter((v, t) -> t = 'array', values.array_value_values, kinds)) AS attr_array,
    mapFromArrays(
        arrayFilter((k, t) -> t IN ('none', 'kvlist', 'bytes'), keys, kinds),
        arrayFilter((v, t) -> t IN ('none', 'kvlist', 'bytes'), arrayMap((t, a, b) -> concat(substring(toString(t), 1, 1), a, b), kinds, values.kvlist_value, values.bytes_value), kinds)) AS attr_other
