-- purpose: quantities that are counted more than once: of calls that share the provider's id of the
--          response, all but the one booked first
-- params: tenants Array(String) (empty: all but the service's own); scoped Array(String): tenants that are told
--         apart; providers Array(String), lower case; from_ns Int64 (included) and to_ns Int64 (excluded)
--         bound event time; known_ns Int64: the last booking counted
-- columns: day, scope_tenant, provider, model, meter, service_tier, doubled
-- tables: charges
SELECT
    day, scope_tenant, provider, model, meter, service_tier,
    sum(quantity) AS doubled
FROM (
    SELECT
        day, scope_tenant, provider, model, meter, service_tier, quantity,
        row_number() OVER (PARTITION BY tenant, provider, response_hash, meter ORDER BY first_booked, span_id) AS copy
    FROM (
        SELECT
            tenant, meter, span_id,
            toDate(time, 'UTC') AS day,
            if(has({scoped:Array(String)}, tenant), tenant, '') AS scope_tenant,
            lower(any(c.provider)) AS provider,
            lower(any(c.model)) AS model,
            any(c.service_tier) AS service_tier,
            any(c.response_hash) AS response_hash,
            sum(c.quantity) AS quantity,
            min(c.booked_at) AS first_booked
        FROM charges AS c FINAL
        WHERE {{of_tenants}}
            AND {{in_time}}
            AND c.booked_at <= fromUnixTimestamp64Nano({known_ns:Int64}, 'UTC')
            AND c.response_hash != 0
            AND c.state NOT IN ('aggregate', 'quarantined')
            AND has({providers:Array(String)}, lower(c.provider))
        GROUP BY tenant, time, trace_id, span_id, meter
        HAVING quantity > 0
    )
)
WHERE copy > 1
GROUP BY ALL
