-- purpose: what hours hold together, by steps of time
-- params: tenant, reference_id String; version UInt32; from_s (included), to_s (excluded) UInt32: seconds since
--         1970; hours Array(UInt32): starts of hours, or none for all between; step_s UInt32: steps are
--         counted from from_s; features Array(String) (empty: all);
--         slices Array(String): dimension=value (empty: all)
-- columns: feature, dimension, value, start (of the step, seconds since 1970), codes, counts, numbers, mean,
--          squares, least, greatest
-- tables: feature_cube
WITH
    chosen AS (
        SELECT
            feature, dimension, value, toUInt32({from_s:UInt32} + intDiv(toUInt32(hour) - {from_s:UInt32}, {step_s:UInt32}) * {step_s:UInt32}) AS start,
            codes, counts, numbers, mean, squares, least, greatest
        FROM feature_cube FINAL
        WHERE tenant = {tenant:String} AND reference_id = {reference_id:String} AND version = {version:UInt32}
            AND hour >= toDateTime({from_s:UInt32}, 'UTC') AND hour < toDateTime({to_s:UInt32}, 'UTC')
            AND (empty({hours:Array(UInt32)}) OR has({hours:Array(UInt32)}, toUInt32(hour)))
            AND (empty({features:Array(String)}) OR has({features:Array(String)}, feature))
            AND (empty({slices:Array(String)}) OR has({slices:Array(String)}, concat(dimension, '=', value)))
            AND notEmpty(codes)),
    -- Hours with the same codes first, place by place; then what is left by code, then arrays. It is the
    -- same as sumMap in a fraction of the time.
    alike AS (
        SELECT feature, dimension, value, start, codes, sumForEach(counts) AS counts
        FROM chosen
        GROUP BY feature, dimension, value, start, codes),
    coded AS (
        SELECT feature, dimension, value, start, groupArray(code) AS codes, groupArray(n) AS counts
        FROM (
            SELECT feature, dimension, value, start, code, sum(count) AS n
            FROM alike
            ARRAY JOIN codes AS code, counts AS count
            GROUP BY feature, dimension, value, start, code)
        GROUP BY feature, dimension, value, start),
    -- Distances from the mean of all: a difference of two large sums would lose its digits.
    measured AS (
        SELECT
            feature, dimension, value, start, sum(chosen.numbers) AS n, if(n = 0, 0., sum(chosen.numbers * chosen.mean) / n) AS middle,
            sum(chosen.squares) + arraySum(part -> part.1 * pow(part.2 - middle, 2), groupArray((chosen.numbers, chosen.mean))) AS spread,
            min(chosen.least) AS lowest, max(chosen.greatest) AS highest
        FROM chosen
        GROUP BY feature, dimension, value, start)
SELECT
    toString(feature) AS feature, toString(dimension) AS dimension, value, start,
    codes, counts, n AS numbers, middle AS mean, spread AS squares, lowest AS least, highest AS greatest
FROM coded
INNER JOIN measured USING (feature, dimension, value, start)
