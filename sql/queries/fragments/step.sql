-- purpose: number of the step of time a row is of
-- params: from_ns, step_ns Int64
toUInt32(intDiv(toUnixTimestamp64Nano(time) - {from_ns:Int64}, {step_ns:Int64}))
