"""Settings of the path from a receiver to the store."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class PipelineSettings(BaseSettings):
    """Group commit, the journal beneath it, and the window of bodies already seen."""

    model_config = SettingsConfigDict(env_prefix="ANSWERABLE_", extra="forbid", frozen=True)

    journal_dir: Path = Field(
        Path("data/journal"), description="Where groups lie from admission until they are stored."
    )
    group_linger_ms: int = Field(
        200,
        ge=0,
        le=10_000,
        description="Longest wait for company of a lone request, in milliseconds.",
    )
    group_flush_kib: int = Field(
        1024, ge=1, le=1_048_576, description="A group this large, in KiB, is stored at once."
    )
    group_max_mib: int = Field(
        48, ge=1, le=1024, description="Largest group stored in one insert, in MiB."
    )
    group_max_requests: int = Field(
        512, ge=1, le=100_000, description="Most requests in one insert."
    )
    queue_max_mib: int = Field(
        256, ge=1, le=65_536, description="Bodies waiting to be stored, in MiB; beyond it: 503."
    )
    queue_max_requests: int = Field(
        20_000, ge=1, le=10_000_000, description="Requests waiting to be stored; beyond it: 503."
    )
    dedup_window_s: int = Field(
        900, ge=0, le=86_400, description="How long a stored body is remembered, in seconds."
    )
    dedup_max_entries: int = Field(
        200_000, ge=1, le=50_000_000, description="Most bodies remembered; the oldest go first."
    )
    spool_max_mib: int = Field(
        4096,
        ge=0,
        le=1_048_576,
        description="Bodies kept on disk while a remote store is down, in MiB; 0 answers 503 "
        "instead. The embedded store never spools: it shares the disk.",
    )
    retry_min_ms: int = Field(
        200, ge=1, le=60_000, description="First pause before a failed insert is tried again, ms."
    )
    retry_max_ms: int = Field(
        10_000, ge=1, le=600_000, description="Longest pause between tries, in milliseconds."
    )
    insert_attempts_max: int = Field(
        3, ge=1, le=100, description="Tries of one insert before its senders are answered 503."
    )
    tally_flush_ms: int = Field(
        1000, ge=10, le=60_000, description="How often refusals reach the ledger, in milliseconds."
    )
    tally_max_entries: int = Field(
        10_000, ge=100, le=1_000_000, description="Distinct refusals counted between two flushes."
    )
