"""Charges at the grain of a FOCUS row: quantity and money together, in one currency.

The ledger books a price that came late beside the quantity, not with it, and a row of FOCUS must
have unit price times quantity equal its cost; so within a billing period the bookings of one day
and SKU are put together here. Corrections of a closed period stay apart, by kind.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from cost.focus.periods import Month

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

ZERO = Decimal(0)

#: A fee for a commitment that was not used is no usage of a meter.
SHORTFALL = "shortfall"

#: Kinds of bookings whose money may stand apart from its quantity.
_APART = frozenset({"late_price", "correction"})


class Sku(NamedTuple):
    """What a row is about."""

    day: date
    tenant: str
    project: str
    provider: str
    model: str
    meter: str
    unit: str
    service_tier: str


@dataclass(frozen=True, slots=True)
class Charge:
    """One row to be.

    Parameters
    ----------
    kinds
        Kinds of the bookings in it, sorted.
    events, unpriced
        What needed a price and what has none, over all currencies of the SKU; stated on its first
        row only, so that they add up.
    correction
        Whether it corrects a billing period that was closed.
    billing
        The period it is billed in.
    """

    sku: Sku
    currency: str
    kinds: tuple[str, ...]
    quantity: Decimal
    cost: Decimal
    list_cost: Decimal
    events: int
    unpriced: int
    correction: bool
    billing: Month


@dataclass(slots=True)
class _Sum:
    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    list_cost: Decimal = ZERO
    kinds: set[str] = field(default_factory=set)

    def add(self, row: dict[str, Any]) -> None:
        self.quantity += row["sum_quantity"]
        self.cost += row["sum_cost"]
        self.list_cost += row["sum_list_cost"]
        self.kinds.add(row["kind"])

    @property
    def is_nothing(self) -> bool:
        return not (self.quantity or self.cost or self.list_cost)


def sku_of(row: dict[str, Any]) -> Sku:
    """Give the key of a row of sums."""
    return Sku(*(row[name] for name in Sku._fields))


def needs_moves(rows: Iterable[dict[str, Any]]) -> bool:
    """Whether money and quantity of these rows may stand in different currencies."""
    return any(row["kind"] in _APART for row in rows)


def put_together(
    rows: Iterable[dict[str, Any]], moves: Iterable[dict[str, Any]], billing: Month
) -> Iterator[Charge]:
    """Make the charges of one billing period's own days.

    Parameters
    ----------
    rows
        Sums in the order of their SKU.
    moves
        Quantities to move from one currency to another before a price is made of them.
    """
    moved: dict[Sku, list[tuple[str, str, Decimal]]] = {}
    for move in moves:
        entry = (move["source"], move["target"], move["moved"])
        moved.setdefault(sku_of(move), []).append(entry)
    for sku, bookings in groupby(rows, key=sku_of):
        yield from _of_sku(sku, list(bookings), moved.get(sku, []), billing)


def _of_sku(
    sku: Sku, rows: list[dict[str, Any]], moves: list[tuple[str, str, Decimal]], billing: Month
) -> Iterator[Charge]:
    sums: dict[tuple[str, bool], _Sum] = {}
    for row in rows:
        key = (row["currency"], row["kind"] == SHORTFALL)
        sums.setdefault(key, _Sum()).add(row)
    for source, target, quantity in moves:
        sums.setdefault((source, False), _Sum()).quantity -= quantity
        sums.setdefault((target, False), _Sum()).quantity += quantity
    events = sum(row["sum_events"] for row in rows)
    unpriced = sum(row["sum_unpriced"] for row in rows)
    for (currency, _), held in sorted(sums.items()):
        if not currency or held.is_nothing:
            continue
        yield Charge(
            sku, currency, tuple(sorted(held.kinds)), held.quantity, held.cost, held.list_cost,
            events, unpriced, correction=False, billing=billing,
        )  # fmt: skip
        events = unpriced = 0


def corrections(rows: Iterable[dict[str, Any]], billing: Month) -> Iterator[Charge]:
    """Make the charges that correct closed periods: one a kind, with what was booked."""
    for row in rows:
        if not row["currency"]:
            continue
        yield Charge(
            sku_of(row), row["currency"], (row["kind"],), row["sum_quantity"], row["sum_cost"],
            row["sum_list_cost"], row["sum_events"], row["sum_unpriced"], correction=True,
            billing=billing,
        )  # fmt: skip
