-- purpose: whether the price book has rows that this process has not read
-- params: none
-- columns: prices (how many), newest (UTC ns, when the last was recorded)
-- tables: prices
SELECT count() AS prices, toUnixTimestamp64Nano(max(recorded_at)) AS newest
FROM prices
