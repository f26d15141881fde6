"""Why an invoice differs from what was charged: amounts by cause, which add up exactly.

One key is a tenant, day, provider, model, meter and currency. With q quantities, a amounts and
p = a / q, their amount less ours is

    (p_theirs - p_ours) x matched + p_theirs x (theirs only) - p_ours x (ours only)

and each of the three is split further by what explains it. Everything is a fraction until the end,
so nothing is lost on the way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_NONE = Fraction(0)


class Cause(StrEnum):
    """What a part of the variance comes from."""

    MISSING_TELEMETRY = "missing_telemetry"
    UNPRICED = "unpriced"
    PRICE = "price"
    TIER = "tier"
    ROUNDING = "rounding"
    DOUBLE_COUNT = "double_count"
    NOT_BILLED = "not_billed"
    CURRENCY = "currency"
    OTHER_CHARGES = "other_charges"
    UNEXPLAINED = "unexplained"


@dataclass(slots=True)
class Theirs:
    """What the provider says of one tier of a key.

    Parameters
    ----------
    quantity, amount
        None where the file says nothing of it.
    lines
        How many amounts it is made of, each of them rounded.
    """

    quantity: Fraction | None = None
    amount: Fraction | None = None
    lines: int = 0


@dataclass(slots=True)
class Ours:
    """What was charged here for one tier of a key.

    Parameters
    ----------
    priced, cost
        Quantity with a price and its money, in the invoice's currency.
    unpriced
        Quantity without a price.
    foreign
        Quantity priced in a currency that has no rate to the invoice's.
    doubled
        Quantity reported again under the same response id, part of `priced`.
    """

    priced: Fraction = _NONE
    cost: Fraction = _NONE
    unpriced: Fraction = _NONE
    foreign: Fraction = _NONE
    doubled: Fraction = _NONE

    @property
    def quantity(self) -> Fraction:
        """All of it."""
        return self.priced + self.unpriced + self.foreign

    @property
    def unit_price(self) -> Fraction | None:
        """Money of one unit; None where nothing has a price."""
        return self.cost / self.priced if self.priced > 0 else None


@dataclass(slots=True)
class Found:
    """The variance of one key.

    Parameters
    ----------
    theirs, ours
        Amounts that are compared; their difference is the sum of `causes`.
    quantities
        By cause, the quantity it concerns.
    """

    theirs: Fraction = _NONE
    ours: Fraction = _NONE
    causes: dict[Cause, Fraction] = field(default_factory=dict)
    quantities: dict[Cause, Fraction] = field(default_factory=dict)

    def add(self, cause: Cause, money: Fraction, quantity: Fraction = _NONE) -> None:
        """Note a part of the variance."""
        if money:
            self.causes[cause] = self.causes.get(cause, _NONE) + money
        if quantity:
            self.quantities[cause] = self.quantities.get(cause, _NONE) + quantity


@dataclass(slots=True)
class _Pool:
    """One tier while it is compared: prices, and what is left to match."""

    tier: str | None
    theirs: Fraction
    their_price: Fraction
    ours: Ours
    priced: Fraction
    unpriced: Fraction
    foreign: Fraction

    @property
    def ours_left(self) -> Fraction:
        return self.priced + self.unpriced + self.foreign


@dataclass(frozen=True, slots=True)
class Comparison:
    """How keys of one invoice are compared.

    Parameters
    ----------
    rounding
        Half a unit of the last digit its amounts have: the most one line is off by rounding.
    """

    rounding: Fraction

    def explain(
        self,
        theirs: Mapping[str | None, Theirs],
        ours: Mapping[str | None, Ours],
        tier_prices: Mapping[str, Fraction] | None = None,
    ) -> Found:
        """Explain one key.

        Parameters
        ----------
        theirs
            By service tier; the tier None is one the file does not state.
        ours
            By service tier, '' for the standard one.
        tier_prices
            What other tiers cost by the price book; a discount is known by them where the file
            does not name the tier.
        """
        found = Found()
        held, mine = _same_tiers(theirs, ours)
        found.ours = sum((one.cost for one in mine.values()), _NONE)
        pools = []
        for tier in sorted({*held, *mine}, key=str):
            one, own = held.get(tier, Theirs()), mine.get(tier, Ours())
            found.theirs += one.amount or _NONE
            if one.quantity is None and one.amount is not None:
                self._amount_only(found, one, own)
                continue
            pools.append(self._pool(found, tier, one, own))
        for pool in pools:
            self._matched(found, pool, pool, tier_prices or {})
        for pool in pools:
            for other in pools:
                if other is not pool:
                    self._matched(found, pool, other, tier_prices or {})
        for pool in pools:
            _left(found, pool)
        return found

    def _pool(self, found: Found, tier: str | None, one: Theirs, own: Ours) -> _Pool:
        """Find their price; where rounding alone parts it from ours, it is ours."""
        quantity, amount = one.quantity or _NONE, one.amount
        price = own.unit_price
        if amount is None or not quantity:
            their_price = price or _NONE
            if amount:
                found.add(Cause.OTHER_CHARGES, amount)
            if amount is None:
                found.theirs += quantity * their_price
        else:
            their_price = amount / quantity
            if price is not None and self._rounds(amount, quantity * price, one.lines):
                found.add(Cause.ROUNDING, amount - quantity * price)
                their_price = price
        return _Pool(tier, quantity, their_price, own, own.priced, own.unpriced, own.foreign)

    def _rounds(self, amount: Fraction, exact: Fraction, lines: int) -> bool:
        return abs(amount - exact) <= self.rounding * max(lines, 1)

    def _amount_only(self, found: Found, one: Theirs, own: Ours) -> None:
        """Compare money alone: without a quantity a difference has no further reason."""
        amount = one.amount or _NONE
        difference = amount - own.cost
        if not own.quantity:
            found.add(Cause.MISSING_TELEMETRY, difference)
        elif own.priced == 0:
            cause = Cause.CURRENCY if own.foreign else Cause.UNPRICED
            found.add(cause, difference, own.quantity)
        elif self._rounds(amount, own.cost, one.lines):
            found.add(Cause.ROUNDING, difference)
        else:
            found.add(Cause.UNEXPLAINED, difference, own.quantity)

    def _matched(
        self, found: Found, pool: _Pool, other: _Pool, tier_prices: Mapping[str, Fraction]
    ) -> None:
        """Match what is left of their tier with what is left of ours, priced use first."""
        taken = min(pool.theirs, other.priced)
        if taken > 0:
            price = other.ours.unit_price or _NONE
            difference = (pool.their_price - price) * taken
            found.add(
                self._why(pool, other, tier_prices), difference, taken if difference else _NONE
            )
            pool.theirs, other.priced = pool.theirs - taken, other.priced - taken
        taken = min(pool.theirs, other.unpriced)
        if taken > 0:
            found.add(Cause.UNPRICED, pool.their_price * taken, taken)
            pool.theirs, other.unpriced = pool.theirs - taken, other.unpriced - taken
        taken = min(pool.theirs, other.foreign)
        if taken > 0:
            found.add(Cause.CURRENCY, pool.their_price * taken, taken)
            pool.theirs, other.foreign = pool.theirs - taken, other.foreign - taken

    def _why(self, pool: _Pool, other: _Pool, tier_prices: Mapping[str, Fraction]) -> Cause:
        if pool is not other:
            return Cause.TIER
        is_other_tier = pool.tier is None and any(
            abs(pool.their_price - price) * pool.ours.quantity <= self.rounding
            for tier, price in tier_prices.items()
            if tier
        )
        return Cause.TIER if is_other_tier else Cause.PRICE


def _same_tiers(
    theirs: Mapping[str | None, Theirs], ours: Mapping[str | None, Ours]
) -> tuple[dict[str | None, Theirs], dict[str | None, Ours]]:
    """Bring both sides to the same tiers: where a file states none, ours are taken together."""
    stated = {tier for tier in theirs if tier is not None}
    if stated:
        held: dict[str | None, Theirs] = {}
        for tier, one in theirs.items():
            _merge(held.setdefault(tier or "", Theirs()), one)
        return held, {**ours}
    if not theirs:
        return {}, {**ours}
    together = Ours()
    for own in ours.values():
        for name in ("priced", "cost", "unpriced", "foreign", "doubled"):
            setattr(together, name, getattr(together, name) + getattr(own, name))
    return {**theirs}, {None: together}


def _merge(into: Theirs, one: Theirs) -> None:
    for name in ("quantity", "amount"):
        value, more = getattr(into, name), getattr(one, name)
        if more is not None:
            setattr(into, name, (value or _NONE) + more)
    into.lines += one.lines


def _left(found: Found, pool: _Pool) -> None:
    """Explain what only one side has."""
    if pool.theirs > 0:
        found.add(Cause.MISSING_TELEMETRY, pool.their_price * pool.theirs, pool.theirs)
    elif pool.theirs < 0:
        found.add(Cause.OTHER_CHARGES, pool.their_price * pool.theirs, pool.theirs)
    price = pool.ours.unit_price or _NONE
    doubled = min(max(pool.priced, _NONE), pool.ours.doubled)
    found.add(Cause.DOUBLE_COUNT, -price * doubled, doubled)
    alone = pool.priced - doubled
    found.add(Cause.NOT_BILLED, -price * alone, alone + pool.unpriced + pool.foreign)
    if pool.ours.priced <= 0:
        # Money without a quantity, such as a booking whose quantity was reversed.
        found.add(Cause.UNEXPLAINED, -pool.ours.cost)
