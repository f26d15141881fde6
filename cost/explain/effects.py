"""The effects a change of cost is split into, and movements that carry them."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from cost.explain.product import CONTEXT
from cost.reports.amounts import Amounts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cost.explain.usage import Pair

#: Every effect, and what it says.
EFFECTS: dict[str, str] = {
    "volume": "More or fewer calls, first attempts only, at an unchanged mix.",
    "mix": "Calls moved between models, service tiers, tenants, projects, features, prompts, "
    "services or connectors that cost differently a call; new and vanished ones are here too.",
    "tokens_per_call": "Calls were given longer input, or gave longer output.",
    "cache_share": "Of the same input, more or less was read from or written to the cache.",
    "retries": "More or fewer calls that repeat a failed one, for the same first attempts.",
    "other_meters": "More or less of what is not tokens: GPU seconds, bytes, storage.",
    "price": "The price of one unit changed, by a new price, a contract or a step for long input.",
    "currency": "The rate changed at which a currency was converted.",
    "coverage": "Usage gained a price it had none for, or has none where it had one.",
    "adjustments": "Money that is for no usage, as where a commitment was not used up.",
}


@dataclass(slots=True)
class Movement:
    """Cost in both windows, and what its change is made of.

    Parameters
    ----------
    effects
        By name; one that is not here is 0. They add up to `delta` to the last digit.
    """

    baseline: Decimal = Decimal(0)
    current: Decimal = Decimal(0)
    effects: dict[str, Decimal] = field(default_factory=dict)
    events: list[int] = field(default_factory=lambda: [0, 0])
    unpriced: list[int] = field(default_factory=lambda: [0, 0])

    @property
    def delta(self) -> Decimal:
        """What the cost changed by."""
        return CONTEXT.subtract(self.current, self.baseline)

    def add_costs(
        self, baseline: Decimal, current: Decimal, effects: Mapping[str, Decimal]
    ) -> None:
        """Add a part's money and what its change is made of."""
        self.baseline += baseline
        self.current += current
        for name, value in effects.items():
            self.effects[name] = self.effects.get(name, Decimal(0)) + value

    def add_counts(self, pair: Pair) -> None:
        """Add how many charges of a part need a price and have none."""
        for side, amount in enumerate(pair):
            self.events[side] += amount.events
            self.unpriced[side] += amount.unpriced

    def coverage(self, side: int) -> Decimal | None:
        """Share of charges with the price they need, rounded down; None where none needs one."""
        return Amounts(events=self.events[side], unpriced=self.unpriced[side]).coverage


def summed(movements: Iterable[Movement]) -> Movement:
    """Add movements up."""
    total = Movement()
    for one in movements:
        total.add_costs(one.baseline, one.current, one.effects)
        for side in (0, 1):
            total.events[side] += one.events[side]
            total.unpriced[side] += one.unpriced[side]
    return total
