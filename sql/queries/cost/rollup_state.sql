-- purpose: how far charges are summed up, and what waits to be
-- params: lag_ns Int64 (an insert may take so long to be seen)
-- columns: follows_ns (the newest published watermark), watermark_ns (the next one: nothing is still
--          under way before it), waiting (charges between the two),
--          oldest_ns (when the first was booked)
-- tables: charges, charge_watermarks
WITH
    (SELECT max(watermark) FROM charge_watermarks) AS follows,
    fromUnixTimestamp64Nano(toUnixTimestamp64Nano(now64(9, 'UTC')) - {lag_ns:Int64}, 'UTC') AS next
SELECT
    toUnixTimestamp64Nano(follows) AS follows_ns,
    toUnixTimestamp64Nano(next) AS watermark_ns,
    (SELECT count() FROM charges WHERE booked_at > follows AND booked_at <= next) AS waiting,
    toUnixTimestamp64Nano((SELECT min(booked_at) FROM charges WHERE booked_at > follows AND booked_at <= next)) AS oldest_ns
