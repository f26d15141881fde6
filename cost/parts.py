"""What the cost meter is put together from; every resource and job gets it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cost.budgets.treasury import Treasury
from cost.settings import CostSettings
from sql.client import Store
from sql.clock import Clock
from sql.records import Records
from sql.signals import Signals


@dataclass(frozen=True, slots=True)
class CostParts:
    """The store and what is not to be reached for: clock, identifiers, settings.

    Parameters
    ----------
    clock
        Now, in UTC nanoseconds.
    ids
        Makes identifiers, unique and hard to guess.
    budgets
        None where nothing is asked of budgets, as in most tests.
    """

    store: Store
    clock: Clock
    ids: Callable[[], str]
    settings: CostSettings
    budgets: Treasury | None = None

    @property
    def treasury(self) -> Treasury:
        """Where budgets are kept.

        Raises
        ------
        LookupError
            When these parts were made without budgets.
        """
        if self.budgets is None:
            raise LookupError("These parts were made without budgets.")
        return self.budgets

    @property
    def records(self) -> Records:
        """Configuration, as append-only versions."""
        return Records(self.store, self.clock)

    @property
    def signals(self) -> Signals:
        """What is worth an alert."""
        return Signals(self.store, self.clock)
