"""Lines of an invoice or a usage export, as the parsers hand them over."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import orjson

from cost.prices.currencies import CURRENCIES
from sql.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What a Decimal(38, 18) and a Decimal(38, 9) hold; beyond that a number is a mistake.
_AMOUNT_MAX = Decimal(10) ** 18
_QUANTITY_MAX = Decimal(10) ** 24
_AMOUNT_SCALE = 18
_QUANTITY_SCALE = 9
_CENTS = 2

_NUMBER = re.compile(r"[+-]?\d{1,30}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,2})?", re.ASCII)

_FIRST_DAY = date(2015, 1, 1)
_LAST_DAY = date(2100, 1, 1)


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `quantity` or `amount` may be missing, never both.

    Parameters
    ----------
    meter
        Empty for what is no metered use, such as tax or a credit.
    service_tier
        Empty for the standard tier; None where the file does not say.
    scope
        The provider's own project, workspace or sub account.
    raw
        The line as it stood in the file.
    """

    day: date
    provider: str
    model: str
    meter: str
    unit: str
    quantity: Decimal | None
    amount: Decimal | None
    currency: str
    service_tier: str | None = None
    scope: str = ""
    description: str = ""
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something stands, for the message that says what is wrong with it."""

    number: int
    kind: str = "line"

    def wrong(self, field: str, value: Any, fix: str) -> InvalidInputError:
        """Make the error: place, field, value and what to do."""
        shown = repr(value)
        shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
        return InvalidInputError(
            f"{self.kind} {self.number}: {field} is {shown}; {fix}.", field=field
        )

    def number_of(self, field: str, value: Any, *, scale: int, bound: Decimal) -> Decimal:
        """Read a decimal without going through a float."""
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise self.wrong(field, value, "write a number")
        text = str(value).strip()
        try:
            found = Decimal(text) if _NUMBER.fullmatch(text) else None
        except InvalidOperation:
            found = None
        if found is None or abs(found) >= bound:
            raise self.wrong(field, value, "write a decimal number without separators")
        exact = found.quantize(Decimal(1).scaleb(-scale)) if _digits(found) > scale else found
        if exact != found:
            raise self.wrong(field, value, f"use at most {scale} digits after the point")
        return found

    def quantity(self, field: str, value: Any, *, signed: bool = False) -> Decimal:
        """Read an amount of use, which cannot be below zero but in a correction."""
        found = self.number_of(field, value, scale=_QUANTITY_SCALE, bound=_QUANTITY_MAX)
        if found < 0 and not signed:
            raise self.wrong(field, value, "a quantity cannot be negative; a credit is an amount")
        return found

    def tokens(self, field: str, value: Any) -> Decimal:
        """Read a whole number of tokens; None counts as none."""
        if value is None or value == "":
            return Decimal(0)
        found = self.quantity(field, value)
        if found != found.to_integral_value():
            raise self.wrong(field, value, "tokens are whole numbers")
        return found

    def amount(self, field: str, value: Any) -> Decimal:
        """Read money; a credit is below zero. Digits beyond 18 must be zeros."""
        return self.number_of(field, value, scale=_AMOUNT_SCALE, bound=_AMOUNT_MAX)

    def currency(self, field: str, value: Any) -> str:
        """Read an ISO 4217 code."""
        code = value.strip().upper() if isinstance(value, str) else ""
        if code not in CURRENCIES:
            raise self.wrong(field, value, "write a code of ISO 4217, such as USD")
        return code

    def text(self, field: str, value: Any) -> str:
        """Read an optional name."""
        if value is None:
            return ""
        if not isinstance(value, str) or len(value) > 1000 or "\x00" in value:
            raise self.wrong(field, value, "write a text of at most 1000 characters")
        return value.strip()

    def day(self, field: str, value: Any) -> date:
        """Read the UTC day a moment lies in: a date, RFC 3339, or unix seconds."""
        found = _moment(value)
        if found is None or not _FIRST_DAY <= found.date() < _LAST_DAY:
            raise self.wrong(field, value, "write a date as 2026-11-01 or RFC 3339")
        return found.date()

    def one_day(self, start: tuple[str, Any], end: tuple[str, Any]) -> date:
        """Read a bucket's day, and refuse one that reaches into another."""
        first = self.day(*start)
        last = _moment(end[1])
        if last is None:
            raise self.wrong(end[0], end[1], "write RFC 3339 or unix seconds")
        if (last - timedelta(microseconds=1)).date() != first:
            raise self.wrong(end[0], end[1], "export buckets of a day or less, in UTC")
        return first


def _moment(value: Any) -> datetime | None:
    if isinstance(value, bool):
        return None
    text = str(value).strip() if isinstance(value, str | int | datetime | date) else ""
    try:
        if text.isascii() and text.isdigit() and len(text) <= 11:
            return datetime.fromtimestamp(int(text), UTC)
        found = datetime.fromisoformat(text.replace(" UTC", "+00:00"))
    except (ValueError, OverflowError, OSError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _digits(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def amount_scale(lines: list[Line]) -> int:
    """Give how many digits after the point the amounts have, zeros at their ends left out.

    It is 2 at least: whole amounts are no reason to take half a unit for rounding.
    """
    digits = (_digits(line.amount.normalize()) for line in lines if line.amount)
    return max([_CENTS, *digits])


def raw_text(row: Mapping[str, Any]) -> str:
    """Write a parsed row back as JSON, decimals as they were."""
    return orjson.dumps(row, default=str).decode()


def tier(value: str | None) -> str | None:
    """Give a provider's name of a service tier as charges have it."""
    if value is None:
        return None
    named = value.strip().lower()
    standard = {"", "standard", "default", "auto", "on_demand", "standard_only"}
    return "" if named in standard else named
