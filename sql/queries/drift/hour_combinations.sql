-- purpose: how many combinations of slices the decisions of an hour have, to bound what one statement counts
-- params: tenant, model String; from_ns, to_ns Int64: bounds of the hours;
--         hours Array(UInt32): starts of the hours, seconds since 1970; dimensions Array(String);
--         slices Array(String): dimension=value of what is a slice of its own
-- columns: hour (seconds since 1970), combinations (about)
-- tables: decisions
SELECT
    toUInt32(toStartOfHour(toDateTime(time, 'UTC'))) AS hour,
    uniqCombined(arrayFilter(
        slice -> has({slices:Array(String)}, slice),
        arrayMap(
            d -> concat(d, '=', {{slice_value}}),
            {dimensions:Array(String)}))) AS combinations
FROM decisions
WHERE {{decided}}
    AND has({hours:Array(UInt32)}, hour)
GROUP BY hour
