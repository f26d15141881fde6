"""A process the service keeps: started, started again when it dies, ended with the service."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

import structlog

from answerable import tether

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_logger = structlog.get_logger(__name__)

#: A child that lived this long did start; its next death begins the count anew.
SETTLED_S = 60.0
_FIRST_BACKOFF_S = 0.5


class Child:
    """One kept process.

    Parameters
    ----------
    restarts_max
        Times in a row it is started again.
    backoff_max_s
        Longest pause before that, in seconds; the first is half a second and each doubles.
    """

    def __init__(
        self,
        name: str,
        words: Sequence[str],
        environ: Mapping[str, str],
        *,
        restarts_max: int,
        backoff_max_s: float,
        monotonic_ns: Callable[[], int],
    ) -> None:
        self._name = name
        self._words = words
        self._environ = environ
        self._restarts_max = restarts_max
        self._backoff_max_s = backoff_max_s
        self._monotonic_ns = monotonic_ns
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """Process id; None while it does not run."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process is not None and running else None

    def start(self) -> None:
        """Begin to keep it running."""
        self._task = asyncio.create_task(self._keep())

    async def stop(self, grace_s: float) -> None:
        """End it: SIGTERM, and SIGKILL after `grace_s` seconds."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(grace_s):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    async def _keep(self) -> None:
        deaths = 0
        while True:
            started_ns = self._monotonic_ns()
            code = await self._run()
            if (self._monotonic_ns() - started_ns) / 1e9 > SETTLED_S:
                deaths = 0
            deaths += 1
            if deaths > self._restarts_max:
                _logger.error("child_given_up", child=self._name, exit_code=code)
                return
            pause_s = min(_FIRST_BACKOFF_S * 2 ** (deaths - 1), self._backoff_max_s)
            _logger.warning("child_died", child=self._name, exit_code=code, again_in_s=pause_s)
            await asyncio.sleep(pause_s)

    async def _run(self) -> int:
        self._process = await asyncio.create_subprocess_exec(
            *tether.command(os.getpid(), list(self._words)),
            env=dict(self._environ),
            stdin=asyncio.subprocess.DEVNULL,
            # Standard output belongs to the service's own announcement.
            stdout=sys.stderr.fileno(),
            # Ctrl-C in a terminal reaches the whole group; the service ends its children itself.
            start_new_session=True,
        )
        return await self._process.wait()
