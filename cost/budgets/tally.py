"""Sums of one budget by quarters of an hour, and what a trace adds to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cost.budgets.holdings import Totals

if TYPE_CHECKING:
    from collections.abc import Mapping

CHARGED, AHEAD, HELD = 0, 1, 2


class Tally:
    """Three sums a slot; the total of the window asked for last is kept up to date."""

    __slots__ = ("_end", "_start", "_totals", "slots")

    def __init__(self) -> None:
        self.slots: dict[int, list[int]] = {}
        self._start, self._end = 0, 0
        self._totals = [0, 0, 0]

    def add(self, slot: int, which: int, amount: int) -> None:
        """Add to one sum."""
        if not amount:
            return
        found = self.slots.setdefault(slot, [0, 0, 0])
        found[which] += amount
        if not any(found):
            del self.slots[slot]
        if self._start <= slot < self._end:
            self._totals[which] += amount

    def replace_charged(self, start: int, sums: Mapping[int, int]) -> None:
        """Set what was charged from a slot on."""
        for slot in [slot for slot in self.slots if slot >= start]:
            self.add(slot, CHARGED, -self.slots[slot][CHARGED])
        for slot, amount in sums.items():
            self.add(slot, CHARGED, amount)

    def totals(self, start: int, end: int) -> Totals:
        """Sum up a window."""
        if (start, end) != (self._start, self._end):
            self._start, self._end = start, end
            inside = [sums for slot, sums in self.slots.items() if start <= slot < end]
            self._totals = [sum(column) for column in zip(*inside, strict=True)] or [0, 0, 0]
        return Totals(*self._totals)

    def drop(self, before_slot: int) -> None:
        """Forget slots that no window reaches."""
        for slot in [slot for slot in self.slots if slot < before_slot]:
            del self.slots[slot]


class TraceShare:
    """What one trace settled and was charged in one budget."""

    __slots__ = ("ahead", "charged", "settled")

    def __init__(self) -> None:
        self.settled: dict[int, int] = {}
        self.charged = 0
        self.ahead: dict[int, int] = {}

    @property
    def is_even(self) -> bool:
        """Whether telemetry has shown everything that was settled."""
        return self.charged >= sum(self.settled.values())

    def place(self, tally: Tally) -> None:
        """Bring the budget's sum of what is ahead up to date."""
        wanted = ahead(self.settled, self.charged)
        for slot in {*wanted, *self.ahead}:
            tally.add(slot, AHEAD, wanted.get(slot, 0) - self.ahead.get(slot, 0))
        self.ahead = wanted


def ahead(settled: Mapping[int, int], charged: int) -> dict[int, int]:
    """Give what was settled beyond what was charged, by slot; charges cover the oldest first."""
    left = sum(settled.values()) - charged
    placed: dict[int, int] = {}
    for slot in sorted(settled, reverse=True):
        if left <= 0:
            break
        amount = min(max(settled[slot], 0), left)
        if amount:
            placed[slot] = amount
            left -= amount
    return placed
