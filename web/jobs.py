"""Work a package does by itself: jobs at intervals, one at a time each, in threads."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Protocol

import structlog

from sql.errors import AnswerableError
from web.runner import guarded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_logger = structlog.get_logger(__name__)


class Job(Protocol):
    """Something done again and again."""

    @property
    def interval_s(self) -> float:
        """Seconds between two runs."""
        ...

    def run(self) -> None:
        """Do it once; blocking. It must be safe to run again after a crash anywhere inside."""
        ...


class JobRunner:
    """Runs jobs until it is stopped; a job that failed is tried again at its next turn.

    Parameters
    ----------
    failed
        Told the job's name and the error, to be counted.
    concurrent
        Runs at one time: each takes a handle of the store, and some take it for long.
    """

    def __init__(
        self,
        jobs: Mapping[str, Job],
        failed: Callable[[str, Exception], None],
        *,
        concurrent: int,
    ) -> None:
        self._jobs = jobs
        self._failed = failed
        self._slots = asyncio.Semaphore(concurrent)
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Start every job; the first run is at once."""
        self._tasks = [
            asyncio.create_task(self._repeat(name, job), name=f"job {name}")
            for name, job in self._jobs.items()
        ]

    async def stop(self, grace_s: float) -> None:
        """Start no further run and wait for those under way, at most `grace_s`."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace_s)

    async def _repeat(self, name: str, job: Job) -> None:
        while True:
            async with self._slots:
                await self._run(name, job)
            await asyncio.sleep(job.interval_s)

    async def _run(self, name: str, job: Job) -> None:
        run = asyncio.create_task(guarded(self._once(name, job), partial(self._failed, name)))
        try:
            await asyncio.shield(run)
        except asyncio.CancelledError:
            # A thread cannot be cancelled: the stop waits for its run.
            await asyncio.wait([run])
            raise

    async def _once(self, name: str, job: Job) -> None:
        try:
            await asyncio.to_thread(job.run)
        except AnswerableError as error:
            self._failed(name, error)
            _logger.warning("job_failed", job=name, error=error.detail)
