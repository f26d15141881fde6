"""What was used and charged in both windows, by segment, call, meter and prompt version."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

#: The windows by their place in every pair.
BASELINE, CURRENT = 0, 1

ZERO = Decimal(0)

#: Meters that are parts of one whole, the text a call was given; what of it was cached is a share.
INPUT_FAMILY = frozenset({"input", "cache_read", "cache_write", "cache_write_1h"})


class Segment(NamedTuple):
    """What calls are told apart by; moving between segments is a change of mix."""

    tenant: str
    provider: str
    model: str
    service_tier: str
    project: str
    feature: str
    service: str
    connector: str
    prompt: str


class Part(NamedTuple):
    """A meter of the calls, with one version of the prompt; the smallest thing that is split."""

    meter: str
    prompt_version: str


@dataclass(slots=True)
class Amount:
    """Sums of one part in one window.

    Parameters
    ----------
    events, unpriced
        Charges that need a price, and those of them that have none.
    native
        Money by the currency of its price.
    money
        The same in the currency of the answer.
    """

    quantity: Decimal = ZERO
    events: int = 0
    unpriced: int = 0
    native: dict[str, Decimal] = field(default_factory=dict)
    money: dict[str, Decimal] = field(default_factory=dict)

    @property
    def priced_share(self) -> Decimal:
        """How much of the quantity has a price, judged by the charges."""
        return 1 - Decimal(self.unpriced) / self.events if self.events else Decimal(1)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was used and nothing charged."""
        return not self.quantity and not any(self.native.values())

    def add_cost(self, currency: str, cost: Decimal, rate: Decimal) -> None:
        """Count money that was priced in `currency`."""
        if cost:
            self.native[currency] = self.native.get(currency, ZERO) + cost
            self.money[currency] = self.money.get(currency, ZERO) + cost * rate


#: One part in the baseline and in the current window.
Pair = tuple[Amount, Amount]


def _pair() -> Pair:
    return Amount(), Amount()


@dataclass(slots=True)
class Line:
    """The first calls of a segment, or those that repeat a failed one."""

    parts: dict[Part, Pair] = field(default_factory=lambda: defaultdict(_pair))

    def totals(self, side: int) -> dict[str, Decimal]:
        """Add up the quantity of every meter over the versions of the prompt."""
        found: dict[str, Decimal] = {}
        for part, pair in self.parts.items():
            found[part.meter] = found.get(part.meter, ZERO) + pair[side].quantity
        return found

    def is_empty(self, side: int) -> bool:
        """Whether the line has nothing at all in a window."""
        return all(pair[side].is_empty for pair in self.parts.values())


@dataclass(slots=True)
class Usage:
    """Everything in both windows.

    Parameters
    ----------
    lines
        By segment and whether the calls repeat failed ones.
    fixed
        Money that is for no usage, such as what a commitment fell short by.
    """

    lines: dict[tuple[Segment, bool], Line] = field(default_factory=lambda: defaultdict(Line))
    fixed: dict[tuple[Segment, Part], Pair] = field(default_factory=lambda: defaultdict(_pair))
    units: dict[str, str] = field(default_factory=dict)

    def calls(self, side: int, *, retries: bool = False) -> Decimal:
        """Count the requests of a window: the first ones, or those that repeat one."""
        return sum(
            (
                line.totals(side).get("requests", ZERO)
                for (_, retry), line in self.lines.items()
                if retry is retries
            ),
            ZERO,
        )

    def pairs(self) -> Iterator[tuple[Segment, Part, Pair]]:
        """Go through every part, with usage or without."""
        for (segment, _), line in self.lines.items():
            for part, pair in line.parts.items():
                yield segment, part, pair
        for (segment, part), pair in self.fixed.items():
            yield segment, part, pair


def collected(rows: Iterable[Mapping[str, Any]], rates: Mapping[tuple[str, str], Decimal]) -> Usage:
    """Sort the rows of cost/explain.

    Parameters
    ----------
    rates
        What one unit of a currency is worth on a day in the currency of the answer; what is not
        here is in that currency already.
    """
    usage = Usage()
    for row in rows:
        segment = Segment(*(row[f"by_{name}"] for name in Segment._fields))
        part = Part(row["by_meter"], row["by_prompt_version"])
        if row["by_shortfall"]:
            pair = usage.fixed[segment, part]
        else:
            pair = usage.lines[segment, bool(row["by_retry"])].parts[part]
            # A row that reported something impossible has no unit, and no quantity either.
            # Of a meter that came in two units the greater name counts, whichever came first.
            usage.units[part.meter] = max(row["by_unit"], usage.units.get(part.meter, ""))
        rate = rates.get((row["by_currency"], row["by_day"]), Decimal(1))
        for amount, name in zip(pair, ("baseline", "current"), strict=True):
            amount.quantity += row[f"{name}_quantity"]
            amount.events += row[f"{name}_events"]
            amount.unpriced += row[f"{name}_unpriced"]
            amount.add_cost(row["by_currency"], row[f"{name}_cost"], rate)
    return usage
