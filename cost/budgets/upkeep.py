"""Jobs that keep budgets in order: one for every process, one for the history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cost.budgets.windows import SECOND_NS

if TYPE_CHECKING:
    from cost.parts import CostParts


class Upkeep:
    """Reads budgets, prices and rates that others changed, and frees what was left open.

    Every process runs it, for it is what its answers come from.
    """

    def __init__(self, parts: CostParts) -> None:
        self._parts = parts

    @property
    def interval_s(self) -> float:
        """Seconds until a budget changed by another process holds here."""
        return self._parts.settings.budget_refresh_interval_s

    def run(self) -> None:
        """Do it once."""
        treasury = self._parts.treasury
        treasury.book.refresh()
        treasury.estimator.refresh()
        treasury.exchange.refresh()
        treasury.ledger.expire(self._parts.clock())
        treasury.ledger.sync()


class History:
    """Brings what happened into the store, and drops what is long finished."""

    def __init__(self, parts: CostParts) -> None:
        self._parts = parts

    @property
    def interval_s(self) -> float:
        """Seconds between two deliveries."""
        return self._parts.settings.budget_history_interval_s

    def run(self) -> None:
        """Deliver, then clean up."""
        treasury = self._parts.treasury
        treasury.deliver()
        treasury.ledger.purge(self._parts.clock() - self._parts.settings.budget_keep_s * SECOND_NS)
