"""The HTTP server inside the service's own event loop."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from starlette.types import ASGIApp

    from answerable.settings import ServerSettings


class HttpServer:
    """Serves one application on one listener."""

    def __init__(self, app: ASGIApp, listener: socket.socket, settings: ServerSettings) -> None:
        config = uvicorn.Config(
            app,
            http="httptools",
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            # A client's own X-Forwarded-For must never pass for its address.
            proxy_headers=False,
            backlog=settings.http_backlog,
            timeout_keep_alive=settings.http_keep_alive_s,
        )
        self._server = _QuietServer(config)
        self._listener = listener
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Serve; returns once connections are accepted."""
        self._task = asyncio.create_task(self._server.serve([self._listener]))
        ready = asyncio.create_task(self._server.ready.wait())
        await asyncio.wait([ready, self._task], return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if self._task.done():
            await self._task

    async def stop(self, grace_s: float) -> None:
        """Accept no more, give running requests `grace_s` seconds, and close."""
        if self._task is None:
            self._listener.close()
            return
        self._server.config.timeout_graceful_shutdown = max(1, round(grace_s))
        self._server.should_exit = True
        await self._task

    async def ended(self) -> None:
        """Wait until it stops, asked or not."""
        if self._task is not None:
            await asyncio.shield(self._task)


class _QuietServer(uvicorn.Server):
    """Says when it accepts connections, and leaves signals to the service."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
