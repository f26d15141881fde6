"""Fractions as decimals that still add up."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import reduce
from typing import TYPE_CHECKING

from cost.invoices.causes import Cause

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from fractions import Fraction

_WIDE = Context(prec=100, rounding=ROUND_HALF_EVEN)
_SCALE = Decimal(1).scaleb(-18)


def settled(parts: Mapping[Cause, Fraction], total: Decimal) -> dict[Cause, Decimal]:
    """Write parts as decimals of 18 places that add up to `total` to the last digit."""
    rounded = {cause: decimal(part) for cause, part in parts.items()}
    residue = _WIDE.subtract(total, added(rounded.values()))
    if residue:
        largest = max(rounded, key=lambda cause: abs(rounded[cause]), default=Cause.ROUNDING)
        rounded[largest] = _WIDE.add(rounded.get(largest, Decimal(0)), residue)
    return {cause: part for cause, part in rounded.items() if part}


def added(parts: Iterable[Decimal]) -> Decimal:
    """Add up without loss: the usual context keeps 28 digits, and money here may have more."""
    return reduce(_WIDE.add, parts, Decimal(0))


def decimal(value: Fraction) -> Decimal:
    """Round a fraction to 18 places."""
    quotient = _WIDE.divide(Decimal(value.numerator), Decimal(value.denominator))
    return quotient.quantize(_SCALE, context=_WIDE)
