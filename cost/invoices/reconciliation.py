"""A reconciliation: the variance of every key by cause, and sums of them by anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from cost.invoices.causes import Cause, Comparison, Found
from cost.invoices.decimals import decimal, settled
from cost.invoices.sides import Entry, Key, day_ns
from sql.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from cost.invoices.imports import Invoice
    from cost.invoices.sides import Sides

_ZERO = Decimal(0)

#: Sums of what a Decimal(38, 18) holds stay exact.
_EXACT = Context(prec=76)

#: What differences are grouped by; the currency always separates.
GROUPS: dict[str, Callable[[Key], str]] = {
    "tenant": lambda key: key.tenant,
    "day": lambda key: key.day.isoformat(),
    "provider": lambda key: key.provider,
    "model": lambda key: key.model,
    "meter": lambda key: key.meter,
}


@dataclass(slots=True)
class Difference:
    """One line of a reconciliation.

    Parameters
    ----------
    theirs, ours
        Amounts; `theirs - ours` is the sum of `causes` to the last digit.
    their_quantity, our_quantity
        None where a side has none, or where several units stand together.
    side
        `both`, `theirs` or `ours`: who knows of it.
    """

    keys: dict[str, str]
    currency: str
    unit: str | None
    theirs: Decimal = _ZERO
    ours: Decimal = _ZERO
    their_quantity: Decimal | None = None
    our_quantity: Decimal | None = None
    causes: dict[Cause, Decimal] = field(default_factory=dict)
    quantities: dict[Cause, Decimal] = field(default_factory=dict)
    side: str = ""

    @property
    def variance(self) -> Decimal:
        """How much more they ask for than was charged here."""
        return _EXACT.subtract(self.theirs, self.ours)

    def add(self, other: Difference) -> None:
        """Take another line into this one."""
        same = self.unit == other.unit
        self.unit = self.unit if same else None
        for name in ("their_quantity", "our_quantity"):
            mine, more = getattr(self, name), getattr(other, name)
            total = more if mine is None else mine if more is None else mine + more
            setattr(self, name, total if same else None)
        self.theirs += other.theirs
        self.ours += other.ours
        self.side = self.side if self.side == other.side else "both"
        for held, more in ((self.causes, other.causes), (self.quantities, other.quantities)):
            for cause, value in more.items():
                held[cause] = held.get(cause, _ZERO) + value


def differences(sides: Sides, invoice: Invoice) -> list[Difference]:
    """Compare every key of an invoice."""
    entries = sides.entries()
    prices = sides.tier_prices(entries)
    comparison = Comparison(Fraction(1, 2 * 10**invoice.amount_scale))
    found = []
    for key, entry in sorted(entries.items()):
        tiers = {
            tier: price
            for valid_from, valid_to, tier, price in prices.get(
                (key.provider, key.model, key.meter, key.currency), ()
            )
            if valid_from <= day_ns(key.day) <= valid_to
        }
        found.append(_difference(key, entry, _explained(comparison, key, entry, tiers)))
    return found


def _explained(
    comparison: Comparison, key: Key, entry: Entry, tiers: Mapping[str, Fraction]
) -> Found:
    if key.meter:
        return comparison.explain(entry.theirs, entry.ours, tiers)
    found = Found()
    for one in entry.theirs.values():
        found.theirs += one.amount or 0
    found.add(Cause.OTHER_CHARGES, found.theirs)
    return found


def _difference(key: Key, entry: Entry, found: Found) -> Difference:
    theirs, ours = decimal(found.theirs), decimal(found.ours)
    theirs_known = [one.quantity for one in entry.theirs.values() if one.quantity is not None]
    ours_known = [own.quantity for own in entry.ours.values()]
    has_theirs, has_ours = bool(entry.theirs), any(ours_known) or bool(found.ours)
    side = "both" if has_theirs and has_ours else "theirs" if has_theirs else "ours"
    return Difference(
        {name: of(key) for name, of in GROUPS.items()},
        key.currency,
        entry.unit or None,
        theirs,
        ours,
        decimal(sum(theirs_known, Fraction(0))) if theirs_known else None,
        decimal(sum(ours_known, Fraction(0))) if ours_known else None,
        settled(found.causes, _EXACT.subtract(theirs, ours)),
        {cause: decimal(quantity) for cause, quantity in found.quantities.items()},
        side,
    )


def grouped(found: Iterable[Difference], groups: list[str]) -> list[Difference]:
    """Add differences up by some of their keys, the largest variance first."""
    sums: dict[tuple[str, ...], Difference] = {}
    with localcontext(_EXACT):
        return _added(sums, found, groups)


def _added(
    sums: dict[tuple[str, ...], Difference], found: Iterable[Difference], groups: list[str]
) -> list[Difference]:
    for one in found:
        keys = {name: one.keys[name] for name in groups}
        key = (*keys.values(), one.currency)
        if key in sums:
            sums[key].add(one)
            continue
        sums[key] = Difference(
            keys, one.currency, one.unit, one.theirs, one.ours, one.their_quantity,
            one.our_quantity, {**one.causes}, {**one.quantities}, one.side,
        )  # fmt: skip
    return [sums[key] for key in sorted(sums, key=lambda key: (-abs(sums[key].variance), key))]


def chosen(found: Iterable[Difference], filters: Mapping[str, str]) -> list[Difference]:
    """Keep the differences whose keys are as asked."""
    wanted = {name: value.lower() for name, value in filters.items() if value}
    return [one for one in found if all(one.keys[name].lower() == v for name, v in wanted.items())]


def groups_named(text: str) -> list[str]:
    """Read a comma list of groups; raises InvalidInputError for any other name."""
    asked = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in asked if name not in GROUPS]
    if unknown or not asked:
        raise InvalidInputError(
            f"group_by is {text!r}; use a comma list of {', '.join(GROUPS)}.", field="group_by"
        )
    return [name for name in GROUPS if name in asked]


def shown(one: Difference, write: Callable[[Decimal], str]) -> dict[str, Any]:
    """Write a difference as JSON has it."""

    def optional(value: Decimal | None) -> str | None:
        return None if value is None else write(value)

    return {
        **one.keys,
        "currency": one.currency or None,
        "unit": one.unit,
        "side": one.side,
        "theirs": write(one.theirs),
        "ours": write(one.ours),
        "variance": write(one.variance),
        "their_quantity": optional(one.their_quantity),
        "our_quantity": optional(one.our_quantity),
        "causes": {
            str(cause): {
                "amount": write(one.causes.get(cause, _ZERO)),
                "quantity": write(one.quantities.get(cause, _ZERO)),
            }
            for cause in Cause
            if cause in one.causes or cause in one.quantities
        },
    }
