"""Settings of the receivers, read from ANSWERABLE_* variables."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

MIB = 1 << 20


class ReceiverSettings(BaseSettings):
    """Bounds on what one request, one tenant and all of them together may take."""

    model_config = SettingsConfigDict(env_prefix="ANSWERABLE_", extra="forbid", frozen=True)

    max_body_mib: int = Field(
        default=64,
        ge=1,
        le=1024,
        description="Largest request in MiB, as sent and again after inflating (OTLP: 64).",
    )
    max_inflight_mib: int = Field(
        default=256,
        ge=2,
        le=65536,
        description="Bytes of all requests held at one time, in MiB; above it: 503.",
    )
    max_inflight_tenant_mib: int = Field(
        default=128,
        ge=2,
        le=65536,
        description="Bytes of one tenant's requests held at one time, in MiB; above it: 503.",
    )
    body_timeout_s: float = Field(
        default=30.0,
        gt=0,
        le=600,
        description="Seconds a sender has to deliver one body; after that: 408.",
    )
    retry_after_max_s: int = Field(
        default=30,
        ge=1,
        le=300,
        description="Upper end, in seconds, of the jittered delay asked of refused senders.",
    )
    refused_drain_mib: int = Field(
        default=128,
        ge=0,
        le=4096,
        description="MiB of a refused body read and thrown away so that the answer arrives.",
    )
    refused_drain_s: float = Field(
        default=5.0,
        ge=0,
        le=60,
        description="Seconds spent throwing a refused body away before the connection closes.",
    )
    grpc_host: str = Field(
        default="127.0.0.1", min_length=1, description="Address the OTLP/gRPC receiver binds."
    )
    grpc_port: int = Field(
        default=4317, ge=0, le=65535, description="OTLP/gRPC port; 0 takes any free one."
    )
    grpc_max_concurrent: int = Field(
        default=128,
        ge=1,
        le=10_000,
        description="OTLP/gRPC calls handled at one time; above it: UNAVAILABLE.",
    )

    @property
    def max_body_bytes(self) -> int:
        """Largest request in bytes."""
        return self.max_body_mib * MIB

    @model_validator(mode="after")
    def _room_for_one(self) -> Self:
        # A compressed body is held twice while it is inflated, so one request of the
        # largest size has to fit twice or it could never be admitted.
        if self.max_inflight_tenant_mib < 2 * self.max_body_mib:
            raise ValueError("max_inflight_tenant_mib must be at least twice max_body_mib")
        if self.max_inflight_mib < self.max_inflight_tenant_mib:
            raise ValueError("max_inflight_mib must be at least max_inflight_tenant_mib")
        return self
