scope Tuple(name String, version String, attributes {{any_map}}, dropped_attributes_count UInt32)
