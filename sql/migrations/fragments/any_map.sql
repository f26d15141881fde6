Map(String, Tuple(
    kind Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7),
    string_value String,
    bool_value UInt8,
    int_value Int64,
    double_value Float64,
    array_value_values Array(String),
    kvlist_value String,
    bytes_value String
))
