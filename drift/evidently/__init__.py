"""Reports drawn by Evidently, which runs in an interpreter of its own: see docs/adr/0010."""
