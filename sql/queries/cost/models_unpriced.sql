-- purpose: models that charges carry and that have no price yet, the most used first
-- params: since_ns Int64 (booked after it; engine time), limit UInt32
-- columns: provider, model (both in lower case), newest (UTC ns, when the last such charge was booked)
-- tables: charges
SELECT
    lower(charges.provider) AS provider,
    lower(charges.model) AS model,
    toUnixTimestamp64Nano(max(booked_at)) AS newest
FROM charges
WHERE booked_at > fromUnixTimestamp64Nano({since_ns:Int64}, 'UTC')
    AND state IN ('unpriced', 'free')
    AND kind = 'usage'
GROUP BY provider, model
ORDER BY count() DESC, provider, model
LIMIT {limit:UInt32}
