"""Sums of charges as they are added up and shown: exact, each with its coverage."""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import ROUND_FLOOR, Context, Decimal, Inexact, localcontext
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

from web.render import decimal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Self

#: Adds and multiplies without rounding: the widest sum has 76 digits.
EXACT = Context(prec=160, traps=[Inexact])

_SHARE = Decimal("0.000001")
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Amounts:
    """What some charges add up to.

    Parameters
    ----------
    events
        Rows that need a price.
    unpriced
        Those of them without one; their money is missing from `cost`.
    quarantined
        Rows that said something impossible; they are no money at all.
    """

    cost: Decimal = Decimal(0)
    list_cost: Decimal = Decimal(0)
    quantity: Decimal = Decimal(0)
    events: int = 0
    unpriced: int = 0
    quarantined: int = 0

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Take a row of a query over sums."""
        return cls(**{field.name: row[f"total_{field.name}"] for field in fields(cls)})

    def __add__(self, other: Amounts) -> Amounts:
        with localcontext(EXACT):
            return Amounts(
                *(getattr(self, f.name) + getattr(other, f.name) for f in fields(Amounts))
            )

    @property
    def is_unpriced(self) -> bool:
        """Whether there is nothing but charges without a price, so that no sum can be named."""
        return not self.cost and 0 < self.events == self.unpriced

    @property
    def coverage(self) -> Decimal | None:
        """Share of what needs a price that has one, rounded down; None where nothing does."""
        if self.events <= 0:
            return None
        share = _ONE - Decimal(self.unpriced) / Decimal(self.events)
        return min(_ONE, max(Decimal(0), share)).quantize(_SHARE, rounding=ROUND_FLOOR)

    def shown(self) -> dict[str, Any]:
        """Write everything but the quantity, as every answer has it."""
        coverage = self.coverage
        return {
            "cost": None if self.is_unpriced else decimal(self.cost),
            "list_cost": None if self.is_unpriced else decimal(self.list_cost),
            "events": self.events,
            "unpriced": self.unpriced,
            "coverage": None if coverage is None else decimal(coverage),
            "quarantined": self.quarantined,
        }


def exactly(amounts: Iterable[Decimal]) -> Decimal:
    """Add up amounts of money without rounding."""
    return reduce(EXACT.add, amounts, Decimal(0))


def total(amounts: Iterable[Amounts]) -> Amounts:
    """Add up."""
    return reduce(add, amounts, Amounts())
