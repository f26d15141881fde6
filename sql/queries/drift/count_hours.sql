-- purpose: count hours of a model anew for one version of a reference, each as a whole: a slice that was
--          counted before and is no more becomes 0
-- params: tenant, model, reference_id String; version UInt32; from_ns, to_ns Int64: bounds of the hours;
--         hours Array(UInt32): starts of the hours, seconds since 1970;
--         dimensions Array(String): what slices; slices Array(String): dimension=value of what is a slice
--         of its own; rest String: the value of all others;
--         features, numbers Array(String): of the reference all, and those that are numbers;
--         unseen, wrong_kind, nan UInt8: codes; missing is the one after them, 253
-- columns: none
-- tables: decisions, reference_features, feature_cube
INSERT INTO feature_cube
    (tenant, reference_id, version, feature, dimension, value, hour, codes, counts, numbers, mean, squares, least, greatest, computed_at)
WITH
    seen AS (
        SELECT
            toUInt32(toStartOfHour(toDateTime(time, 'UTC'))) AS at,
            arrayMap(
                d -> concat(d, '=', {{slice_value}}),
                {dimensions:Array(String)}) AS named,
            arrayPushBack(
                arrayMap(
                    (slice, d) -> if(has({slices:Array(String)}, slice), slice, concat(d, '=', {rest:String})),
                    named, {dimensions:Array(String)}),
                '=') AS slices,
            sipHash64(slices) AS combination,
            feature_number, feature_string, confidence, tokens_input, tokens_output, duration_ns, outcome
        FROM decisions FINAL
        WHERE {{decided}}
            AND has({hours:Array(UInt32)}, at)),
    edges AS (
        SELECT toString(feature) AS name, edge, cell
        FROM reference_features FINAL
        ARRAY JOIN arrayPushBack(edges, inf) AS edge, arrayEnumerate(arrayPushBack(edges, inf)) AS cell
        WHERE tenant = {tenant:String} AND reference_id = {reference_id:String} AND version = {version:UInt32} AND kind = 'number'),
    categories AS (
        SELECT toString(feature) AS name, category, cell
        FROM reference_features FINAL
        ARRAY JOIN categories AS category, arrayEnumerate(categories) AS cell
        WHERE tenant = {tenant:String} AND reference_id = {reference_id:String} AND version = {version:UInt32} AND kind = 'text'),
    counted AS (
        SELECT
            at, combination, name, code, count() AS n,
            countStateIf(isFinite(x)) AS finite, avgStateIf(x, isFinite(x)) AS means, varPopStableStateIf(x, isFinite(x)) AS spreads,
            minStateIf(x, isFinite(x)) AS leasts, maxStateIf(x, isFinite(x)) AS greatests
        FROM (
            SELECT
                at, combination, v.name AS name, x,
                toUInt8(multiIf(cell = 0, {wrong_kind:UInt8}, isNaN(x), {nan:UInt8}, cell - 1)) AS code
            FROM (
                SELECT at, combination, toString(feature) AS name, x
                FROM seen
                ARRAY JOIN
                    arrayConcat(mapKeys(feature_number), ['@confidence', '@input_tokens', '@output_tokens', '@duration_s']) AS feature,
                    arrayConcat(mapValues(feature_number), [ifNull(confidence, 0.), toFloat64(ifNull(tokens_input, 0)), toFloat64(ifNull(tokens_output, 0)), duration_ns / 1e9]) AS x,
                    arrayConcat(arrayWithConstant(length(feature_number), true), [isNotNull(confidence), isNotNull(tokens_input), isNotNull(tokens_output), duration_ns > 0]) AS given
                WHERE given AND has({features:Array(String)}, feature)) AS v
            ASOF LEFT JOIN edges ON v.name = edges.name AND v.x <= edges.edge
            UNION ALL
            SELECT
                at, combination, v.name AS name, nan AS x,
                toUInt8(multiIf(has({numbers:Array(String)}, v.name), {wrong_kind:UInt8}, cell = 0, {unseen:UInt8}, cell - 1)) AS code
            FROM (
                SELECT at, combination, toString(feature) AS name, text
                FROM seen
                ARRAY JOIN
                    arrayPushBack(mapKeys(feature_string), '@outcome') AS feature,
                    arrayPushBack(mapValues(feature_string), outcome) AS text
                WHERE has({features:Array(String)}, feature) AND NOT (feature = '@outcome' AND text = '')) AS v
            ANY LEFT JOIN categories ON v.name = categories.name AND v.text = categories.category)
        GROUP BY at, combination, name, code),
    -- An array of counts with a place for each code, so that slices are sums of few rows.
    placed AS (
        SELECT
            at, combination, name, groupArrayInsertAt(0, 253)(n, code) AS places,
            countMergeState(finite) AS finite, avgMergeState(means) AS means, varPopStableMergeState(spreads) AS spreads,
            minMergeState(leasts) AS leasts, maxMergeState(greatests) AS greatests
        FROM counted
        GROUP BY at, combination, name),
    spread AS (
        SELECT
            at, slice, name, sumForEach(places) AS places, countMerge(finite) AS numbers,
            if(numbers = 0, 0., avgMerge(means)) AS mean, if(numbers = 0, 0., numbers * varPopStableMerge(spreads)) AS squares,
            minMerge(leasts) AS least, maxMerge(greatests) AS greatest
        FROM placed
        ANY LEFT JOIN (SELECT combination, any(slices) AS slices FROM seen GROUP BY combination) AS combined USING (combination)
        ARRAY JOIN slices AS slice
        GROUP BY at, slice, name),
    totals AS (
        SELECT at, slice, sum(n) AS total
        FROM (
            SELECT at, slice, count() AS n
            FROM seen
            ARRAY JOIN slices AS slice
            GROUP BY at, slice
            UNION ALL
            SELECT DISTINCT toUInt32(hour) AS at, concat(dimension, '=', value) AS slice, 0 AS n
            FROM feature_cube
            WHERE tenant = {tenant:String} AND reference_id = {reference_id:String} AND version = {version:UInt32}
                AND feature = {features:Array(String)}[1]
                AND hour >= toDateTime(intDiv({from_ns:Int64}, 1000000000), 'UTC')
                AND hour < toDateTime(intDiv({to_ns:Int64}, 1000000000), 'UTC')
                AND has({hours:Array(UInt32)}, at))
        GROUP BY at, slice)
SELECT
    {tenant:String}, {reference_id:String}, {version:UInt32}, feature,
    substring(slice, 1, position(slice, '=') - 1) AS dimension, substring(slice, position(slice, '=') + 1) AS value,
    toDateTime(at, 'UTC') AS hour,
    arrayFilter(code -> counted_places[code + 1] > 0, range(254)) AS codes,
    arrayFilter(count -> count > 0, counted_places) AS counts,
    numbers, mean, squares, if(numbers = 0, inf, least), if(numbers = 0, -inf, greatest),
    now64(9, 'UTC')
FROM (
    SELECT
        at, slice, feature, numbers, mean, squares, least, greatest,
        -- Decisions without the feature are all decisions but those that have it.
        arrayPushBack(arrayResize(places, 253), toUInt64(greatest(toInt64(total) - toInt64(arraySum(places)), 0))) AS counted_places
    FROM (SELECT at, slice, total, arrayJoin({features:Array(String)}) AS feature FROM totals) AS wanted
    LEFT JOIN spread ON spread.at = wanted.at AND spread.slice = wanted.slice AND spread.name = wanted.feature)
