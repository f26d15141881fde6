arrayMap(
                    v -> multiIf(v.kind = 'int', toString(v.int_value), v.kind = 'double', toString(v.double_value), v.string_value),
                    mapValues(reported)) AS texts,
                mapKeys(reported) AS keys,
                arrayMap(text -> toDecimal128OrNull(text, 9), texts) AS numbers,
                arrayMap(
                    (k, n) -> multiIf(
                        n IS NULL, 'not_a_number',
                        n < 0, 'negative',
                        n > if(startsWith(k, 'answerable.usage.') AND NOT endsWith(k, '_tokens'), 1000000000000000000, 1000000000000), 'implausible',
                        (NOT startsWith(k, 'answerable.usage.') OR endsWith(k, '_tokens')) AND n != toInt64(assumeNotNull(n)), 'fractional_tokens',
                        ''),
                    keys, numbers) AS faults,
                CAST(
                    (arrayFilter((k, fault) -> fault = '', keys, faults), arrayMap(n -> assumeNotNull(n), arrayFilter((n, fault) -> fault = '', numbers, faults))),
                    'Map(String, Decimal(38, 9))') AS counts,
                arrayFilter(odd -> odd.3 != '', arrayZip(keys, texts, faults)) AS odds
