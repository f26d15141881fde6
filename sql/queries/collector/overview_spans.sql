-- purpose: spans and errors of a window by bucket of time and, separately, by service
-- params: tenants Array(String) (empty: all but the service's own); from_ns Int64 (included), to_ns Int64 (excluded);
--         bucket_ns Int64
-- columns: by_service (1: this row is a service's), bucket (number of the bucket since 1970),
--          service, spans, errors, p95_ns (to within 1 %)
-- tables: spans
SELECT
    grouping(bucket) AS by_service,
    intDiv(toUnixTimestamp64Nano(start_time), {bucket_ns:Int64}) AS bucket,
    service_name,
    count() AS spans,
    countIf(status_code = 2) AS errors,
    quantileDD(0.01, 0.95)(duration_ns) AS p95_ns
FROM spans FINAL
WHERE if(empty({tenants:Array(String)}), tenant != 'answerable', has({tenants:Array(String)}, tenant))
    AND start_time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')
    AND start_time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')
GROUP BY GROUPING SETS ((bucket), (service_name))
