"""The contract of a receiver, and the way every export takes once its bytes are there."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

import structlog

from collector.admission import Admission
from collector.encodings import Encoding, pieces
from collector.errors import ShuttingDownError, TooLargeError
from collector.models import Authenticator, Door, Signal, Submission
from collector.otlp_json import to_protobuf
from collector.receivers.settings import MIB, ReceiverSettings
from collector.slices import SLICE_BYTES, slices
from collector.status import internal_refusal, refusal_of
from collector.validation import items_of
from sql.errors import AnswerableError

if TYPE_CHECKING:
    import random
    from collections.abc import Coroutine

    from collector.admission import Lease
    from collector.models import Grant, Receipt
    from collector.status import Refusal

_logger = structlog.get_logger(__name__)

JSON_INLINE_BYTES = 1 << 18
"""JSON bodies above this are converted in a thread, one at a time."""


ITEMS_MAX = 1_000_000
"""Items of one request: 64 bytes each at the largest size, less than any real one takes."""


class IngestMetrics(Protocol):
    """Where a receiver reports its requests."""

    def request(
        self,
        *,
        protocol: str,
        signal: Signal,
        code: str,
        items: int,
        wire_bytes: int,
        seconds: float,
    ) -> None:
        """Count one answered request; `code` is an HTTP status or a gRPC status name."""
        ...


@dataclass(frozen=True, slots=True)
class ReceiverContext:
    """What every receiver is built from.

    Parameters
    ----------
    clock_ns
        UTC nanoseconds, for arrival times.
    monotonic_ns
        Nanoseconds that never step back, for durations.
    """

    door: Door
    authenticator: Authenticator
    admission: Admission
    settings: ReceiverSettings
    metrics: IngestMetrics
    clock_ns: Callable[[], int]
    monotonic_ns: Callable[[], int]


@dataclass(slots=True)
class Call:
    """One export request on its way, filled in as more is known of it."""

    signal: Signal
    started_ns: int
    tenant: str = ""
    wire_bytes: int = 0
    items: int = 0
    submitted: bool = False


class Receiver(ABC):
    """A protocol that telemetry comes in by.

    Built, started once, stopped once; stopping is safe without a start and a second time.
    """

    name: ClassVar[str]

    def __init__(self, context: ReceiverContext) -> None:
        self.context = context
        self._calls = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._json_turn = asyncio.Lock()
        self._stopping = False

    @abstractmethod
    async def start(self) -> None:
        """Begin to accept requests."""

    @abstractmethod
    async def stop(self, grace_s: float) -> None:
        """Refuse new requests, give running ones `grace_s` seconds to end, then let go."""

    @property
    def calls(self) -> int:
        """Requests being handled now."""
        return self._calls

    def new_call(self, signal: Signal) -> Call:
        """Begin the account of one request."""
        return Call(signal, self.context.monotonic_ns())

    def observe(self, call: Call, code: str) -> None:
        """Report an answered request to the metrics."""
        self.context.metrics.request(
            protocol=self.name,
            signal=call.signal,
            code=code,
            items=call.items,
            wire_bytes=call.wire_bytes,
            seconds=(self.context.monotonic_ns() - call.started_ns) / 1e9,
        )

    async def run(self, call: Call, work: Coroutine[None, None, Receipt]) -> Receipt | Refusal:
        """Do the work of one request; every error becomes a refusal, here and only here."""
        self._calls += 1
        self._idle.clear()
        try:
            return await work
        except AnswerableError as error:
            refusal = refusal_of(error, self.context.admission.retry_after_s)
            if refusal.status >= 500 and refusal.retry_after_s is None:
                _logger.error("export_failed", signal=call.signal, error=error.detail)
        except Exception:
            _logger.exception("export_crashed", receiver=self.name, signal=call.signal)
            refusal = internal_refusal()
        finally:
            self._calls -= 1
            if not self._calls:
                self._idle.set()
        if refusal.reason and not call.submitted:
            self.context.door.refuse(
                call.signal, call.tenant, refusal.reason, wire_bytes=call.wire_bytes
            )
        return refusal

    async def wait_idle(self, timeout_s: float) -> bool:
        """Wait for the requests being handled; False if some still are after `timeout_s`."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True

    def check_open(self) -> None:
        """Raise ShuttingDownError once the receiver is stopping."""
        if self._stopping:
            raise ShuttingDownError(
                "Shutting down; send the same request again later.",
                retry_after_s=self.context.admission.retry_after_s(),
            )

    def lease(self, grant: Grant) -> Lease:
        """Open the byte account of one request, under its tenant or else its key."""
        return self.context.admission.lease(grant.home or f"key:{grant.key_id}")

    async def deliver(
        self, call: Call, grant: Grant, lease: Lease, wire: bytes, encoding: Encoding, *, json: bool
    ) -> Receipt:
        """Inflate, convert, validate and submit a body whose bytes `lease` holds."""
        body = wire
        if encoding is not Encoding.IDENTITY and wire:
            body = await self._inflate(lease, wire, encoding)
            lease.shrink(len(wire))
        if json:
            body = await self._convert(call.signal, lease, body)
        call.items = await self._validate(call.signal, body)
        call.submitted = True
        return await self.context.door.submit(
            Submission(
                signal=call.signal,
                body=body,
                items=call.items,
                wire_bytes=call.wire_bytes,
                received_at_ns=self.context.clock_ns(),
                grant=grant,
            )
        )

    async def _validate(self, signal: Signal, body: bytes) -> int:
        if len(body) <= SLICE_BYTES:
            return items_of(signal, body)
        count = 0
        for part, items in slices(signal, body):
            parsed = items_of(signal, part, part_of_item=items is not None)
            count += parsed if items is None else items
            if count > ITEMS_MAX:
                raise TooLargeError(f"The body has over {ITEMS_MAX} items; send smaller batches.")
            await asyncio.sleep(0)
        return count

    async def _inflate(self, lease: Lease, wire: bytes, encoding: Encoding) -> bytes:
        limit = self.context.settings.max_body_bytes
        parts: list[bytes] = []
        total = 0
        for piece in pieces(encoding, wire):
            if parts:
                # A large body is inflated in turns with everything else on the loop.
                await asyncio.sleep(0)
            total += len(piece)
            if total > limit:
                raise TooLargeError(
                    f"The body is over {limit // MIB} MiB after inflating; send smaller batches."
                )
            lease.grow(len(piece))
            parts.append(piece)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def _convert(self, signal: Signal, lease: Lease, body: bytes) -> bytes:
        if len(body) <= JSON_INLINE_BYTES:
            converted = to_protobuf(signal, body)
        else:
            async with self._json_turn:
                converted = await asyncio.to_thread(to_protobuf, signal, body)
        lease.grow(len(converted))
        lease.shrink(len(body))
        return converted


def new_admission(settings: ReceiverSettings, rng: random.Random) -> Admission:
    """Build the one byte budget that all receivers share."""
    return Admission(
        limit_bytes=settings.max_inflight_mib * MIB,
        tenant_limit_bytes=settings.max_inflight_tenant_mib * MIB,
        retry_after_max_s=settings.retry_after_max_s,
        rng=rng,
    )
