"""Settings of the dashboards: where the API is and how patient the pages are."""

from __future__ import annotations

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class DashboardSettings(BaseSettings):
    """What the pages need to know; they read everything else from the HTTP API."""

    model_config = SettingsConfigDict(env_prefix="ANSWERABLE_", extra="forbid", frozen=True)

    api_url: str = Field(
        default="http://127.0.0.1:4318",
        pattern=r"^https?://",
        max_length=2048,
        description="Address of the HTTP API the pages read.",
    )
    public_url: str = Field(
        default="",
        pattern=r"^(https?://.*)?$",
        max_length=2048,
        description="Address services send to, shown in the snippets; empty means api_url.",
    )
    dashboard_key: SecretStr | None = Field(
        default=None,
        description="API key every visitor acts with; unset means that each visitor logs in.",
    )
    dashboard_timeout_s: float = Field(
        default=15.0,
        gt=0,
        le=300,
        description="Longest wait for one answer of the API, in seconds.",
    )
    dashboard_connections: int = Field(
        default=32, ge=1, le=1024, description="Connections to the API shared by all visitors."
    )
    dashboard_refresh_s: float = Field(
        default=2.0, ge=0.5, le=60, description="Seconds between refreshes of the Live ingest page."
    )

    @property
    def otlp_endpoint(self) -> str:
        """Address to put into an exporter, without a trailing slash."""
        return (self.public_url or self.api_url).rstrip("/")
