"""Recording exchange rates, by day, with who says so."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NamedTuple

from cost.prices.currencies import currency
from cost.prices.ladders import rounded
from sql.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sql.client import Store
    from sql.clock import Clock

FIELDS = ("base", "quote", "day", "rate", "source")
RATE_MAX = Decimal(10) ** 12


class DayRate(NamedTuple):
    """What one unit of `base` was worth in `quote` on a day."""

    base: str
    quote: str
    day: date
    rate: Decimal
    source: str


def day_rate(values: Mapping[str, Any], now_ns: int) -> DayRate:
    """Read one rate.

    Raises
    ------
    InvalidInputError
        Names the field at fault, its value and what to write.
    """
    unknown = sorted(set(values) - set(FIELDS))
    if unknown:
        raise _wrong(unknown[0], f"{unknown[0]!r} is no field of a rate; use {', '.join(FIELDS)}.")
    given = {name: str(value or "").strip() for name, value in values.items()}
    base = currency(given.get("base", ""), "base")
    quote = currency(given.get("quote", ""), "quote")
    if base == quote:
        raise _wrong("quote", f"quote is {quote}, as base is; a currency is worth itself.")
    source = given.get("source", "")[:1000]
    return DayRate(base, quote, _day(given, now_ns), _rate(given.get("rate", "")), source)


def record(store: Store, clock: Clock, rates: Sequence[DayRate], actor: str) -> None:
    """Add rates; of one pair and day the one recorded last holds.

    Raises
    ------
    InvalidInputError
        When two of them are for one pair and day.
    """
    seen: dict[tuple[str, str, date], DayRate] = {}
    for rate in rates:
        other = seen.setdefault(rate[:3], rate)
        if other is not rate:
            raise _wrong(
                "day",
                f"{rate.base}/{rate.quote} of {rate.day} is there twice, "
                f"as {other.rate.normalize():f} and as {rate.rate.normalize():f}; keep one.",
            )
    now = clock()
    rows = [{**rate._asdict(), "actor": actor, "recorded_at": now} for rate in rates]
    store.insert("fx_rates", rows)


def _day(given: Mapping[str, str], now_ns: int) -> date:
    text = given.get("day", "")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise _wrong("day", f"day is {text!r}; write a date, as 2026-11-23.") from None
    tomorrow = datetime.fromtimestamp(now_ns // 10**9, UTC).date() + timedelta(days=1)
    if not date(1970, 1, 1) <= day <= tomorrow:
        raise _wrong("day", f"day is {text}; a rate is of a day from 1970 to today.")
    return day


def _rate(text: str) -> Decimal:
    try:
        rate = Decimal(text)
    except InvalidOperation:
        rate = Decimal("NaN")
    if not rate.is_finite() or not 0 < rate <= RATE_MAX or not rounded(rate):
        raise _wrong("rate", f"rate is {text!r}; write a decimal number above 0, as 1.0843.")
    return rounded(rate)


def _wrong(field: str, detail: str) -> InvalidInputError:
    return InvalidInputError(detail, field=field)
