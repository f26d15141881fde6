"""The cost meter: what models and meters cost, for whom and when."""
