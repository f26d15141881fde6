-- purpose: rows of some hours
-- params: hours Array(UInt32): their starts, seconds since 1970 (empty: all)
(empty({hours:Array(UInt32)})
    OR has({hours:Array(UInt32)}, toUInt32(toStartOfHour(toDateTime(time, 'UTC')))))
