"""Where a model is worst, or where traffic changed: the few conjunctions that say most of it."""
