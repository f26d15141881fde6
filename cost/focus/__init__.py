"""FOCUS: charges in the FinOps Foundation's Cost and Usage format, versions 1.2 and 1.4."""
