attr_string Map(LowCardinality(String), String),
    attr_int Map(LowCardinality(String), Int64),
    attr_double Map(LowCardinality(String), Float64),
    attr_bool Map(LowCardinality(String), Bool),
    attr_array Map(LowCardinality(String), Array(String)),
    attr_other Map(LowCardinality(String), String)
