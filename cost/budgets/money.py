"""Money as whole nano-units of a currency: integers add up exactly in Python and in Redis alike."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

from sql.errors import InvalidInputError

NANO = 1_000_000_000

#: Largest amount of one call, in units: its nano-units are exact even as a double, which is what
#: a Lua script of Redis calculates with.
CALL_MAX = Decimal(9_000_000)
#: Largest limit of a budget, in units: sums are 64-bit integers.
LIMIT_MAX = Decimal(4_000_000_000)

_EXACT = Context(prec=60)
_NUMBER = re.compile(r"-?\d{1,40}(?:\.\d{1,40})?", re.ASCII)


def nano(amount: Decimal) -> int:
    """Give an amount in nano-units, half to even; for money that was spent."""
    scaled = amount.scaleb(9, context=_EXACT)
    return int(scaled.to_integral_value(ROUND_HALF_EVEN, context=_EXACT))


def nano_up(amount: Decimal) -> int:
    """Give an amount in nano-units, rounded up; for money that is reserved."""
    return int(amount.scaleb(9, context=_EXACT).to_integral_value(ROUND_CEILING, context=_EXACT))


def units(nanos: int) -> Decimal:
    """Give nano-units as an amount."""
    return Decimal(nanos).scaleb(-9, context=_EXACT)


def text(nanos: int) -> str:
    """Write nano-units as an amount, without trailing zeros; by integers, as it is done often."""
    whole, rest = divmod(abs(nanos), NANO)
    sign = "-" if nanos < 0 else ""
    if not rest:
        return f"{sign}{whole}"
    return f"{sign}{whole}.{rest:09d}".rstrip("0")


def parse(text: str, field: str, *, most: Decimal = CALL_MAX) -> Decimal:
    """Read an amount of money as clients write it.

    Raises
    ------
    InvalidInputError
        For what is not a plain decimal number, is negative, or larger than `most`.
    """
    if not _NUMBER.fullmatch(text):
        raise InvalidInputError(
            f'{field} is {text[:40]!r}; write a decimal number, as "0.05".', field=field
        )
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise InvalidInputError(f"{field} is no decimal number.", field=field) from None
    if amount < 0:
        raise InvalidInputError(f"{field} is {text}; money is 0 or more.", field=field)
    if amount > most:
        raise InvalidInputError(f"{field} is {text[:40]}; at most {most} is taken.", field=field)
    return amount
