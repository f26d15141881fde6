-- purpose: decisions of a window by bucket of time and, separately, by route
-- params: tenants Array(String) (empty: all but the service's own); from_ns Int64 (included), to_ns Int64 (excluded);
--         bucket_ns Int64
-- columns: by_route (1: this row is a route's), bucket (number of the bucket since 1970), route,
--          decisions, confident (those with a finite confidence), confidence_sum
-- tables: decisions
SELECT
    grouping(bucket) AS by_route,
    intDiv(toUnixTimestamp64Nano(time), {bucket_ns:Int64}) AS bucket,
    route,
    count() AS decisions,
    countIf(isFinite(ifNull(confidence, nan))) AS confident,
    sumIf(ifNull(confidence, 0), isFinite(ifNull(confidence, nan))) AS confidence_sum
FROM decisions FINAL
WHERE if(empty({tenants:Array(String)}), tenant != 'answerable', has({tenants:Array(String)}, tenant))
    AND time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
    AND time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
GROUP BY GROUPING SETS ((bucket), (route))
