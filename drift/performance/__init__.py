"""Performance of models: estimated before labels come, realised after, and what lies between."""
