"""Reading, and when it must be throwing away, the body of an ASGI request."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from collector.errors import TooLargeError
from collector.receivers.errors import DisconnectedError, SlowBodyError
from collector.receivers.settings import MIB

if TYPE_CHECKING:
    from starlette.types import Receive

    from collector.admission import Lease
    from collector.component import Call
    from collector.receivers.settings import ReceiverSettings


class RequestBody:
    """The body of one request, read at most once.

    Parameters
    ----------
    declared_bytes
        `Content-Length`, None for a chunked body.
    """

    __slots__ = ("_receive", "_settings", "complete", "declared_bytes")

    def __init__(
        self, receive: Receive, declared_bytes: int | None, settings: ReceiverSettings
    ) -> None:
        self._receive = receive
        self._settings = settings
        self.declared_bytes = declared_bytes
        self.complete = declared_bytes == 0

    def check_declared(self) -> None:
        """Refuse by `Content-Length` alone, before a byte is read."""
        if self.declared_bytes is not None and self.declared_bytes > self._settings.max_body_bytes:
            raise self._too_large()

    async def read(self, lease: Lease, call: Call) -> bytes:
        """Read all of it, holding what is declared or, chunked, what has arrived.

        Raises
        ------
        TooLargeError
            A chunked body passed the bound.
        SlowBodyError
            It took longer than `body_timeout_s`.
        DisconnectedError
            The sender went away.
        """
        lease.grow(self.declared_bytes or 0)
        try:
            async with asyncio.timeout(self._settings.body_timeout_s):
                return await self._read(lease, call)
        except TimeoutError as error:
            raise SlowBodyError(
                f"The body did not arrive within {self._settings.body_timeout_s:g} s."
            ) from error

    async def _read(self, lease: Lease, call: Call) -> bytes:
        chunks: list[bytes] = []
        while True:
            chunk = await self._next()
            chunks.append(chunk)
            call.wire_bytes += len(chunk)
            if call.wire_bytes > self._settings.max_body_bytes:
                raise self._too_large()
            if self.declared_bytes is None:
                lease.grow(len(chunk))
            if self.complete:
                return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    async def discard(self) -> None:
        """Throw away what is left, within bounds, so that the sender reads its answer."""
        left = self._settings.refused_drain_mib * MIB
        try:
            async with asyncio.timeout(self._settings.refused_drain_s):
                while not self.complete and left > 0:
                    left -= len(await self._next())
        except (TimeoutError, DisconnectedError):
            return

    def is_discardable(self) -> bool:
        """Whether the rest can be thrown away and the connection kept."""
        declared = self.declared_bytes
        return self.complete or (
            declared is not None and declared <= self._settings.refused_drain_mib * MIB
        )

    async def _next(self) -> bytes:
        message = await self._receive()
        if message["type"] != "http.request":
            raise DisconnectedError("The sender went away before the end of its body.")
        self.complete = not message.get("more_body", False)
        chunk: bytes = message.get("body", b"")
        return chunk

    def _too_large(self) -> TooLargeError:
        return TooLargeError(
            f"The body is over {self._settings.max_body_mib} MiB; send smaller batches."
        )
