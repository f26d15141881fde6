"""Settings of the cost meter."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class CostSettings(BaseSettings):
    """How charges are priced, summed up and reported."""

    model_config = SettingsConfigDict(
        env_prefix="ANSWERABLE_", extra="forbid", frozen=True, env_ignore_empty=True
    )

    cost_jobs: bool = Field(
        True,
        description="Whether this process restates and sums up charges; let one of several do.",
    )
    rollup_interval_s: float = Field(
        60.0, gt=0, le=3600, description="Seconds between two additions to the sums by hour."
    )
    rollup_lag_s: float = Field(
        60.0,
        ge=1,
        le=3600,
        description="Seconds an insert may take until its charges are summed up.",
    )
