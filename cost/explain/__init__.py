"""Why costs moved between two windows: an exact split of the change, and what carries it."""
