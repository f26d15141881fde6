"""Receivers: the faces through which telemetry comes in, one protocol a file."""
