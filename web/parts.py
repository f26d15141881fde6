"""What a package is put together from; every one adds its settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sql.client import Store
from sql.clock import Clock
from sql.records import Records
from sql.signals import Signals


@dataclass(frozen=True, slots=True)
class Parts:
    """The store and what is not to be reached for.

    Parameters
    ----------
    clock
        Now, in UTC nanoseconds.
    ids
        Makes identifiers, unique and hard to guess.
    """

    store: Store
    clock: Clock
    ids: Callable[[], str]

    @property
    def records(self) -> Records:
        """Configuration, as append-only versions."""
        return Records(self.store, self.clock)

    @property
    def signals(self) -> Signals:
        """What is worth an alert."""
        return Signals(self.store, self.clock)
