-- purpose: usage that only an agent or workflow span reported: no call of its trace reported any of that unit
-- params: booked_from_ns Int64 (included), booked_to_ns Int64 (excluded) bound the bookings looked at; from_ns Int64
--         (included), to_ns Int64 (excluded) bound event time; limit UInt32
-- columns: tenant, trace_hex, unit, span_hexes (the spans that reported it)
-- tables: charges
WITH
    repeats AS (
        SELECT tenant, trace_id, unit
        FROM charges
        WHERE {{booked_between}}
            AND {{in_time}}
            AND state = 'aggregate'
    )
SELECT
    tenant,
    lower(hex(charges.trace_id)) AS trace_hex,
    unit,
    groupUniqArrayIf(lower(hex(span_id)), state = 'aggregate') AS span_hexes
FROM charges
WHERE {{in_time}}
    AND (tenant, trace_id, unit) GLOBAL IN repeats
GROUP BY tenant, trace_id, unit
HAVING countIf(NOT aggregate AND state != 'quarantined') = 0 AND countIf(entry LIKE 'adopted%') = 0
ORDER BY tenant, trace_hex, unit
LIMIT {limit:UInt32}
