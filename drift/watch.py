"""The running drift detection: its parts and its jobs, from start to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drift import catalog
from drift.parts import DriftParts
from web.jobs import JobRunner

if TYPE_CHECKING:
    from collections.abc import Callable

    from drift.settings import DriftSettings
    from sql.client import Store
    from sql.clock import Clock


class DriftWatch:
    """Starts and stops what drift detection does by itself.

    Parameters
    ----------
    failed
        Told the name of a job and its error, to be counted.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Callable[[], str],
        settings: DriftSettings,
        failed: Callable[[str, Exception], None],
    ) -> None:
        self.parts = DriftParts(store, clock, ids, settings)
        jobs = catalog.JOBS if settings.drift_jobs else {}
        self._runner = JobRunner(
            {name: build(self.parts) for name, build in jobs.items()},
            failed,
            concurrent=settings.drift_jobs_concurrent,
        )

    async def start(self) -> None:
        """Start the jobs."""
        self._runner.start()

    async def stop(self, grace_s: float) -> None:
        """Stop the jobs, at most for `grace_s`."""
        await self._runner.stop(grace_s)
