-- purpose: the values dimensions have in hours of a model, by traffic, and which of them a version of a
--          reference counts as slices already
-- params: tenant, model, reference_id String; version UInt32; from_ns, to_ns Int64: bounds of the hours;
--         hours Array(UInt32): starts of the hours, seconds since 1970; dimensions Array(String);
--         feature String: any one of the reference's; rest String: the value that is no slice; most UInt32;
--         bytes_max UInt32: a longer value is no slice
-- columns: dimension, value, known (a slice already), decisions
-- tables: decisions, feature_cube
SELECT dimension, value, max(counted) AS known, sum(n) AS decisions
FROM (
    SELECT dimension, value, false AS counted, count() AS n
    FROM decisions FINAL
    ARRAY JOIN
        {dimensions:Array(String)} AS dimension,
        arrayMap(
            d -> {{slice_value}},
            {dimensions:Array(String)}) AS value
    WHERE {{decided}}
        AND has({hours:Array(UInt32)}, toUInt32(toStartOfHour(toDateTime(time, 'UTC'))))
        AND length(value) <= {bytes_max:UInt32} AND value != {rest:String}
    GROUP BY dimension, value
    UNION ALL
    SELECT DISTINCT toString(dimension) AS dimension, value, true AS counted, 0 AS n
    FROM feature_cube
    WHERE tenant = {tenant:String} AND reference_id = {reference_id:String} AND version = {version:UInt32}
        AND feature = {feature:String} AND dimension != '' AND value != {rest:String})
GROUP BY dimension, value
ORDER BY dimension, known DESC, decisions DESC, value
LIMIT {most:UInt32} BY dimension
