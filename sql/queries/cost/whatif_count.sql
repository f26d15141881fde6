-- purpose: how many charges a window holds, before they are read one by one
-- params: tenants Array(String) (empty: all but the service's own); from_ns Int64 (included) and
--         to_ns Int64 (excluded), both whole hours; known_ns Int64: the last booking counted
-- columns: charges
-- tables: charge_sums
SELECT toInt64(sum(rows)) AS charges
FROM charge_sums(known_ns = {known_ns:Int64})
WHERE {{of_tenants}}
    AND {{in_whole_hours}}
