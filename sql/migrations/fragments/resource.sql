resource Tuple(attributes {{any_map}}, dropped_attributes_count UInt32)
