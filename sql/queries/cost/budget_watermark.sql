-- purpose: up to when everything booked can be seen, on the engine's clock
-- params: lag_ns Int64 (an insert may take so long to be seen)
-- columns: until_ns
-- tables: none
SELECT toUnixTimestamp64Nano(now64(9, 'UTC')) - {lag_ns:Int64} AS until_ns
