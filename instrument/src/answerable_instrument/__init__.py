"""Record AI decisions as standard OpenTelemetry."""
