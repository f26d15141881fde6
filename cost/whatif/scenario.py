"""Scenarios: what use would have cost under other prices or with another model.

Everything is Decimal; a product is rounded half to even to 18 places, as charges are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import TYPE_CHECKING

from cost.patterns import Pattern
from cost.prices import points
from cost.prices.points import Point

if TYPE_CHECKING:
    from collections.abc import Iterable


_WIDE = Context(prec=76, rounding=ROUND_HALF_EVEN)
_SCALE = Decimal(1).scaleb(-18)
_ZERO = Decimal(0)

#: Meters of input, which the ratio for input holds for; the others are output.
_INPUT = frozenset({"input", "input_audio", "cache_read", "cache_write", "cache_write_1h"})

#: What a meter is priced as where the other model has no price of its own for it.
_INSTEAD = {
    "reasoning": "output",
    "output_audio": "output",
    "input_audio": "input",
    "cache_write_1h": "cache_write",
    "cache_write": "input",
    "cache_read": "input",
}


@dataclass(frozen=True, slots=True)
class Use:
    """Use of one meter, and its money.

    Parameters
    ----------
    costs
        By currency.
    at_ns, context_tokens
        What a published price depends on; UTC nanoseconds.
    events, unpriced
        What needs a price, and what has none.
    """

    tenant: str
    provider: str
    model: str
    meter: str
    unit: str
    service_tier: str
    quantity: Decimal
    costs: Mapping[str, Decimal]
    events: int
    unpriced: int
    at_ns: int
    context_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Selection:
    """Which use is meant; what is left open means any."""

    provider: str = ""
    model: Pattern | None = None
    meter: str = ""
    service_tier: str | None = None

    def matches(self, use: Use) -> bool:
        """Whether this use is meant."""
        return (
            self.provider in {"", use.provider.lower()}
            and self.meter in {"", use.meter}
            and self.service_tier in {None, use.service_tier}
            and (self.model is None or self.model.matches(use.model))
        )


@dataclass(frozen=True, slots=True)
class PriceChange:
    """Another price: so many per cent more or less, or an amount for one unit.

    Parameters
    ----------
    factor
        What costs are multiplied by; None where `amount` is given.
    amount, currency
        Money for one unit.
    """

    selection: Selection
    factor: Decimal | None = None
    amount: Decimal | None = None
    currency: str = ""

    def apply(self, use: Use) -> Use:
        """Give the use as it would cost."""
        if self.factor is not None:
            costs = {code: _times(cost, self.factor) for code, cost in use.costs.items()}
            return replace(use, costs=costs)
        if self.amount is None or not use.quantity:
            return use
        return _priced(use, self.amount, self.currency)


@dataclass(frozen=True, slots=True)
class Switch:
    """Another model in the place of those selected.

    Parameters
    ----------
    prices
        The other model's published prices, of every tenant.
    input_ratio, output_ratio
        Tokens the other model needs for one of the old.
    """

    selection: Selection
    provider: str
    model: str
    prices: Sequence[Point] = field(repr=False)
    input_ratio: Decimal = Decimal(1)
    output_ratio: Decimal = Decimal(1)

    def apply(self, use: Use) -> Use:
        """Give the use as the other model would have had it; without a price it is unpriced."""
        if use.unit != "tokens":
            return replace(use, provider=self.provider, model=self.model)
        ratio = self.input_ratio if use.meter in _INPUT else self.output_ratio
        quantity = _WIDE.multiply(use.quantity, ratio).quantize(_SCALE, context=_WIDE)
        switched = replace(use, provider=self.provider, model=self.model, quantity=quantity)
        found = self._price(use)
        if found is None:
            return replace(switched, costs={}, unpriced=use.events)
        amount = found.amounts[found.step(use.context_tokens)]
        return _priced(switched, amount, found.currency)

    def boundaries(self, from_ns: int, to_ns: int) -> list[int]:
        """Give the times in a window at which a price begins."""
        starts = {point.valid_from for point in self.prices}
        return sorted(start for start in starts if from_ns < start < to_ns)

    def _price(self, use: Use) -> Point | None:
        for tier in (use.service_tier, ""):
            meter: str | None = use.meter
            while meter:
                for tenant in (use.tenant, ""):
                    found = points.at(self._of(tenant, meter, tier), use.at_ns)
                    if found is not None:
                        return found
                meter = _INSTEAD.get(meter)
        return None

    def _of(self, tenant: str, meter: str, tier: str) -> Iterable[Point]:
        wanted = (tenant, meter, tier)
        return (p for p in self.prices if (p.tenant, p.meter, p.service_tier) == wanted)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A switch first, then the first price change that fits."""

    switch: Switch | None = None
    changes: tuple[PriceChange, ...] = ()

    def apply(self, use: Use) -> Use:
        """Give the use as it would have been."""
        if self.switch and self.switch.selection.matches(use):
            use = self.switch.apply(use)
        for change in self.changes:
            if change.selection.matches(use):
                return change.apply(use)
        return use


def _priced(use: Use, amount: Decimal, currency: str) -> Use:
    return replace(use, costs={currency: _times(use.quantity, amount)}, unpriced=0)


def _times(left: Decimal, right: Decimal) -> Decimal:
    product = _WIDE.multiply(left, right).quantize(_SCALE, context=_WIDE)
    return product or _ZERO
