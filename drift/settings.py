"""Settings of drift detection."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class DriftSettings(BaseSettings):
    """How observations are counted, compared and watched."""

    model_config = SettingsConfigDict(
        env_prefix="ANSWERABLE_", extra="forbid", frozen=True, env_ignore_empty=True
    )

    drift_jobs: bool = Field(
        True,
        description="Whether this process counts and watches features; let one of several do.",
    )
    drift_jobs_concurrent: int = Field(
        1, ge=1, le=64, description="Drift jobs that use the store at one time, of `store_handles`."
    )
