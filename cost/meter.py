"""The running cost meter: its parts, its budgets and its jobs, from start to stop."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from cost import catalog
from cost.budgets.treasury import treasury
from cost.parts import CostParts
from web.jobs import JobRunner

if TYPE_CHECKING:
    from collections.abc import Callable

    from cost.settings import CostSettings
    from sql.client import Store
    from sql.clock import Clock


class CostMeter:
    """Starts and stops what the cost meter does by itself.

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
        settings: CostSettings,
        failed: Callable[[str, Exception], None],
    ) -> None:
        bare = CostParts(store, clock, ids, settings)
        self.parts = replace(bare, budgets=treasury(bare))
        # A restatement may take long; what keeps budgets true does not wait for it.
        self._runners = [
            JobRunner(
                {name: build(self.parts) for name, build in jobs.items()}, failed, concurrent=n
            )
            for jobs, n in (
                (catalog.EVERYWHERE, 1),
                (catalog.JOBS if settings.cost_jobs else {}, settings.cost_jobs_concurrent),
            )
        ]

    async def start(self) -> None:
        """Take up the budgets, then start the jobs.

        Raises
        ------
        AnswerableError
            When the budgets cannot be taken up.
        """
        await asyncio.to_thread(self.parts.treasury.start)
        for runner in self._runners:
            runner.start()

    async def stop(self, grace_s: float) -> None:
        """Stop the jobs, at most for `grace_s`, and close the budgets."""
        await asyncio.gather(*(runner.stop(grace_s) for runner in self._runners))
        await asyncio.to_thread(self.parts.treasury.stop)
