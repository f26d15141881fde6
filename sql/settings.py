"""Settings of the store: where it is, how much of it one process may use, how long data is kept."""

from __future__ import annotations

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

#: A later date would not fit the 32-bit time a TTL is computed in.
_DAYS_MAX = 20_000


def _days(default: int, what: str) -> int:
    """Build one retention field; pydantic reads the returned FieldInfo."""
    field: int = Field(
        default,
        ge=0,
        le=_DAYS_MAX,
        description=f"Days {what} are kept; 0 keeps them for ever. Takes effect where "
        "the table is created.",
    )
    return field


class StoreSettings(BaseSettings):
    """How to reach ClickHouse and how hard to lean on it."""

    model_config = SettingsConfigDict(env_prefix="ANSWERABLE_", extra="forbid", frozen=True)

    store: SecretStr = Field(
        SecretStr(""),
        description="Address of the store: chdb:///directory (embedded) or "
        "clickhouse(s)://user:password@host:port/database. Empty means embedded, in the "
        "data directory.",
    )
    store_handles: int = Field(
        8, ge=1, le=64, description="Statements one process runs at once, one handle each."
    )
    store_acquire_timeout_s: float = Field(
        10.0, gt=0, le=600, description="Longest wait for a free handle, in seconds."
    )
    store_connect_timeout_s: float = Field(
        5.0, gt=0, le=120, description="Longest wait for a connection to a server, in seconds."
    )
    store_query_timeout_s: float = Field(
        60.0, gt=0, le=3600, description="Longest time one statement may run, in seconds."
    )
    store_close_timeout_s: float = Field(
        15.0, gt=0, le=600, description="Longest wait for running statements at close, in seconds."
    )
    store_max_memory_mib: int = Field(
        0,
        ge=0,
        le=16_777_216,
        description="Memory the embedded engine may use, in MiB; 0 leaves the engine's own "
        "limit (90 % of the machine). A server has its own configuration.",
    )
    store_query_memory_mib: int = Field(
        0, ge=0, le=16_777_216, description="Memory one statement may use, in MiB; 0 is no limit."
    )
    cluster: str = Field(
        "",
        pattern=r"^[A-Za-z0-9_.\-]*$",
        max_length=128,
        description="Name of the ClickHouse cluster; empty means a single node.",
    )
    migrate_lock_timeout_s: float = Field(
        120.0, gt=0, le=3600, description="Longest wait for another process's migration, seconds."
    )
    migrate_lock_expiry_s: float = Field(
        300.0, ge=10, le=86_400, description="Age at which a migration lock counts as left behind."
    )

    retention_spans_days: int = _days(30, "spans and trace summaries")
    retention_logs_days: int = _days(30, "log records")
    retention_metrics_days: int = _days(30, "metric points")
    retention_bodies_days: int = _days(7, "prompt and response bodies")
    retention_decisions_days: int = _days(400, "decisions")
    retention_usage_days: int = _days(2557, "usage rows")
    retention_charges_days: int = _days(2557, "charges")
    retention_ledger_days: int = _days(400, "rows of the ingest ledger")
    retention_quarantine_days: int = _days(30, "quarantined bodies")
    retention_signals_days: int = _days(400, "signals")
    retention_lineage_days: int = _days(0, "lineage assertions")
    retention_drift_days: int = _days(400, "drift results")
    retention_audit_days: int = _days(3653, "rows of the audit log")

    def retention_days(self, name: str) -> int:
        """Days of the retention class `name`; KeyError names the known classes."""
        classes = self.retention_classes()
        if name not in classes:
            known = ", ".join(sorted(classes))
            raise KeyError(f"no retention class {name!r}; known: {known}")
        return int(getattr(self, f"retention_{name}_days"))

    @classmethod
    def retention_classes(cls) -> frozenset[str]:
        """Names usable in a migration's ttl placeholder."""
        return frozenset(
            name.removeprefix("retention_").removesuffix("_days")
            for name in cls.model_fields
            if name.startswith("retention_")
        )
