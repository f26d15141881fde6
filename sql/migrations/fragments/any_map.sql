Map(String, {{any_value}})
