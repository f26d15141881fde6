"""Reports: what was charged, by whatever it was charged for."""
