"""OTLP in, ClickHouse out: receivers, admission, group commit and the ingest ledger."""
