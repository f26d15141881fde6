mapFilter((k, c) -> c BETWEEN 0 AND 1000000000000000000, mapApply(
                    (k, v) -> (k, ifNull(toDecimal128OrNull(multiIf(v.kind = 'int', toString(v.int_value), v.kind = 'double', toString(v.double_value), v.string_value), 9), toDecimal128(-1, 9))),
                    mapFilter((k, v) -> match(k, '(gen_ai\\.usage\\.|llm\\.token_count\\.|llm\\.usage\\.|ai\\.usage\\.|answerable\\.usage\\.)') AND v.kind IN ('int', 'double', 'string'), span.attributes)))
