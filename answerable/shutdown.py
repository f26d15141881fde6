"""From the first signal to the last line: when to stop, and how long each step may take."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_logger = structlog.get_logger(__name__)

#: Share of the time left that one step may take, so that the steps after it get some too.
_STEP_SHARE = 0.6
_EXIT_OVERDUE = 1
#: What a shell reports of a process ended by Ctrl-C.
_EXIT_IMPATIENT = 130


class Shutdown:
    """Waits for SIGTERM or SIGINT; a second one ends the process at once.

    Parameters
    ----------
    drain_timeout_s
        Seconds from the first signal until the process has to be gone.
    last_act
        Called before the process is ended the hard way.
    """

    def __init__(self, drain_timeout_s: float, last_act: Callable[[], None]) -> None:
        self._drain_timeout_s = drain_timeout_s
        self._last_act = last_act
        self._asked = asyncio.Event()
        self._deadline_s: float | None = None

    @property
    def asked(self) -> bool:
        """Whether somebody asked for it."""
        return self._asked.is_set()

    def install(self) -> None:
        """Take over the signals; on the event loop's thread."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_signal)

    async def wait(self) -> None:
        """Wait for the first signal."""
        await self._asked.wait()

    def begin(self) -> None:
        """Start the clock; when it runs out the process ends, whatever still runs."""
        if self._deadline_s is not None:
            return
        self._deadline_s = time.monotonic() + self._drain_timeout_s
        # A thread, because the event loop may be what does not come back.
        timer = threading.Timer(self._drain_timeout_s, self._overdue)
        timer.daemon = True
        timer.start()

    async def step(self, stop: Callable[[float], Awaitable[None]]) -> None:
        """Run one step of the stop, telling it how many seconds it may take."""
        self.begin()
        left_s = (self._deadline_s or 0.0) - time.monotonic()
        await stop(max(0.0, left_s) * _STEP_SHARE)

    def _on_signal(self) -> None:
        if self._asked.is_set():
            self._end(_EXIT_IMPATIENT)
        _logger.info("stopping", within_s=self._drain_timeout_s)
        self._asked.set()

    def _overdue(self) -> None:
        _logger.error("drain_timeout", drain_timeout_s=self._drain_timeout_s)
        self._end(_EXIT_OVERDUE)

    def _end(self, code: int) -> None:
        self._last_act()
        os._exit(code)
