mapApply((k, v) -> (substring(k, 22), arrayMap(x -> toFloat32(reinterpretAsFloat64(substring(x, 2, 8))), arrayFilter(x -> startsWith(x, '!'), v.array_value_values))),
             mapFilter((k, v) -> startsWith(k, 'answerable.embedding.') AND v.kind = 'array', a)) AS embeddings
