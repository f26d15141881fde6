"""The job that brings what telemetry shows into the sums of budgets, every charge once."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from cost.budgets.calls import Money
from cost.budgets.holdings import Charges
from cost.budgets.matching import Sorter, budgets_of
from cost.budgets.money import units
from cost.budgets.windows import SECOND_NS, SLOT_NS

if TYPE_CHECKING:
    from cost.budgets.treasury import Treasury
    from cost.parts import CostParts


class Charging:
    """Counts the charges booked since the watermark, and reads those of new budgets whole.

    The watermark moves in the same atomic step as the sums, and only from where it was read: of
    several processes, or runs cut short, one counts.
    """

    def __init__(self, parts: CostParts) -> None:
        self._parts = parts
        self._read_ns: dict[str, int] = {}

    @property
    def interval_s(self) -> float:
        """Seconds between two looks at what was booked."""
        return self._parts.settings.budget_charges_interval_s

    def run(self) -> None:
        """Count what is new; the history goes first, for it says which traces had reservations."""
        treasury = self._parts.treasury
        if not treasury.ledger.watermark():
            # Somebody emptied Redis: start over, from what telemetry shows.
            treasury.ledger.start(treasury.watermark_ns())
        until_ns = treasury.watermark_ns()
        self._seed(treasury)
        treasury.deliver()
        follows_ns, seeded = treasury.ledger.watermark(), frozenset(treasury.ledger.seeds())
        self._drop_removed(treasury, seeded)
        if until_ns > follows_ns:
            rows = self._booked(treasury, follows_ns, until_ns) if seeded else []
            treasury.ledger.charge(_charges(treasury, rows, seeded, follows_ns, until_ns))

    def _seed(self, treasury: Treasury) -> None:
        unconverted = treasury.ledger.unconverted()
        stale = self._stale(treasury)
        for budget in treasury.book.all():
            missing = unconverted.get(budget.key, {})
            found = any(
                treasury.exchange.convert(
                    Money(units(amount), currency), budget.currency, self._parts.clock()
                )
                is not None
                for currency, amount in missing.items()
                if amount
            )
            if found or budget.key == stale or not treasury.is_seeded(budget):
                treasury.seed(budget)
                self._read_ns[budget.key] = self._parts.clock()

    def _stale(self, treasury: Treasury) -> str | None:
        """Name the budget whose charges were read whole the longest ago, where that is too long."""
        now, keys = self._parts.clock(), [budget.key for budget in treasury.book.all()]
        self._read_ns = {key: self._read_ns.get(key, now) for key in keys}
        oldest = min(keys, key=self._read_ns.__getitem__, default=None)
        longest_ns = self._parts.settings.budget_reseed_interval_s * SECOND_NS
        return oldest if oldest and now - self._read_ns[oldest] >= longest_ns else None

    def _drop_removed(self, treasury: Treasury, seeded: frozenset[str]) -> None:
        if any(treasury.book.get(key) is None for key in seeded):
            # Another process may have made it a moment ago.
            treasury.book.refresh()
            for key in seeded:
                if treasury.book.get(key) is None:
                    treasury.ledger.forget(key)

    def _booked(self, treasury: Treasury, follows_ns: int, until_ns: int) -> list[dict[str, Any]]:
        keep_ns = self._parts.settings.budget_keep_s * SECOND_NS
        return self._parts.store.query(
            "cost/budget_charges",
            {
                "follows_ns": follows_ns,
                "watermark_ns": until_ns,
                "slot_ns": SLOT_NS,
                "by_user": any(budget.scope.user for budget in treasury.book.all()),
                "reserved_from_ns": max(0, self._parts.clock() - keep_ns),
            },
        )


def _charges(
    treasury: Treasury,
    rows: list[dict[str, Any]],
    seeded: frozenset[str],
    follows_ns: int,
    until_ns: int,
) -> Charges:
    sorter = Sorter(treasury.exchange)
    traced: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in rows:
        for budget in budgets_of(row, treasury.book, seeded):
            amount = sorter.add(budget, row["slot"], row["cost"], row["currency"])
            if row["trace"]:
                traced[row["tenant"], row["trace"], budget.key] += amount
    return Charges(
        follows_ns=follows_ns,
        watermark_ns=until_ns,
        sums=[(*where, amount) for where, amount in sorter.sums.items()],
        traced=[(*where, amount) for where, amount in traced.items()],
        unconverted=[(*where, amount) for where, amount in sorter.unconverted.items()],
        keys=seeded,
    )
