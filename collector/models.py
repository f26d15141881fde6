"""The values that travel from a receiver to the store."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Signal(StrEnum):
    """The three stable OTLP signals."""

    TRACES = "traces"
    METRICS = "metrics"
    LOGS = "logs"


@dataclass(frozen=True, slots=True)
class Grant:
    """What the sender's key allows.

    Parameters
    ----------
    tenant
        The one tenant the key is bound to; it overrides whatever the payload says.
        Empty for a key that speaks for several: `tenant.id` then decides, span by span.
    tenants
        The tenants such a key may speak for; ("*",) for every tenant.
    default_tenant
        Where items of such a key go that name no tenant; empty refuses them.
    """

    key_id: str
    tenant: str
    tenants: tuple[str, ...] = ()
    default_tenant: str = ""

    @property
    def home(self) -> str:
        """The tenant whole requests are counted under; empty where none is the key's own."""
        return self.tenant or self.default_tenant


@dataclass(frozen=True, slots=True)
class Submission:
    """One decoded-enough export request.

    Parameters
    ----------
    body
        The `Export*ServiceRequest` as protobuf bytes, already validated by upb.
    items
        Spans, data points or log records counted at the door.
    wire_bytes
        Bytes as received, before inflating.
    received_at_ns
        Arrival, UTC nanoseconds.
    """

    signal: Signal
    body: bytes
    items: int
    wire_bytes: int
    received_at_ns: int
    grant: Grant


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a submission; returned only once the outcome is durable.

    Parameters
    ----------
    rejected
        Items refused, for `partial_success`.
    message
        English, empty when every item was stored.
    duplicate
        The same body was stored before; nothing new was written.
    """

    rejected: int = 0
    message: str = ""
    duplicate: bool = False


class Door(Protocol):
    """What a receiver hands its submissions to."""

    async def submit(self, submission: Submission) -> Receipt:
        """Store the submission, or raise IngestError or StoreError."""
        ...

    def refuse(self, signal: Signal, tenant: str, reason: str, *, wire_bytes: int) -> None:
        """Count a request that was refused before it could be submitted."""
        ...


class Authenticator(Protocol):
    """Turns the sender's credential into a grant."""

    def grant(self, authorization: str | None, *, peer_is_loopback: bool) -> Grant:
        """Check an `Authorization` value; raise UnauthenticatedError or ForbiddenError."""
        ...
