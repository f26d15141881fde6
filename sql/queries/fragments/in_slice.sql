-- purpose: rows of decisions that are of a slice
-- params: value String
-- names: d, the dimension; empty for every row
(d = '' OR {value:String} = {{slice_value}})
