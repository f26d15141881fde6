"""Exchange rates: what an amount is worth in another currency, at the rate of a day."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import TYPE_CHECKING

from cost.prices.currencies import currency as known_currency
from sql.errors import NotFoundError
from sql.records import FAR_FUTURE_NS

if TYPE_CHECKING:
    from sql.client import Store

#: A rate older than this is no rate: a list that stopped must not price on in silence.
RATE_AGE_DAYS_MAX = 31
#: Rates of one pair of currencies that are held; about 90 years of days for both directions.
ROWS_MAX = 200_000

_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)
_ONE = Decimal(1)
_SCALE = Decimal(1).scaleb(-18)

#: Days and rates of one pair, by day.
_Series = tuple[list[date], list[Decimal]]


class RateMissingError(NotFoundError):
    """No exchange rate is recorded for a pair of currencies on or shortly before a day."""


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of a currency was worth in another.

    Parameters
    ----------
    day
        The day it was recorded for, the earlier one of two that were multiplied.
    rule
        How it was found, in words.
    """

    value: Decimal
    day: date
    rule: str


class Rates:
    """Exchange rates as known at one time; make one for each report.

    Parameters
    ----------
    known_ns
        Rates recorded later are not seen; UTC nanoseconds, left out: all are.

    Notes
    -----
    A rate holds from its day until the next one recorded, at most RATE_AGE_DAYS_MAX. Where a pair
    has none, the inverse of its opposite is taken, else both legs through one third currency.
    """

    def __init__(self, store: Store, known_ns: int | None = None) -> None:
        self._store = store
        self._known_ns = FAR_FUTURE_NS if known_ns is None else known_ns
        self._pairs: dict[frozenset[str], dict[tuple[str, str], _Series]] = {}

    def convert(self, amount: Decimal, currency: str, to: str, day: date) -> Decimal:
        """Give an amount in another currency, rounded half to even to 18 places.

        Nothing is nothing in any currency: an amount of 0 needs no rate.

        Raises
        ------
        InvalidInputError
            For a currency that ISO 4217 does not know.
        RateMissingError
            When there is no rate.
        """
        if amount == 0 or currency == to:
            return amount
        value = _EXACT.multiply(amount, self.rate(currency, to, day).value)
        return value.quantize(_SCALE, context=_EXACT)

    def rate(self, currency: str, to: str, day: date) -> Rate:
        """Find the rate of a day; see `convert` for what it raises."""
        base, quote = known_currency(currency), known_currency(to, "to")
        if base == quote:
            return Rate(_ONE, day, "same currency")
        series = self._series(base, quote)
        found = _leg(series, base, quote, day) or _crossed(series, base, quote, day)
        if found is None:
            raise RateMissingError(
                f"There is no exchange rate from {base} to {quote} for {day} or the "
                f"{RATE_AGE_DAYS_MAX} days before; record one (answerable prices fx --help).",
                field="currency",
            )
        return found

    def _series(self, base: str, quote: str) -> dict[tuple[str, str], _Series]:
        pair = frozenset((base, quote))
        if pair not in self._pairs:
            rows = self._store.query(
                "cost/fx_rates",
                {
                    "currencies": sorted(pair),
                    "from_day": date(1970, 1, 1),
                    "to_day": date(2149, 6, 6),
                    "known_ns": self._known_ns,
                    "after": [],
                    "limit": ROWS_MAX,
                },
            )
            grouped: dict[tuple[str, str], _Series] = defaultdict(lambda: ([], []))
            for row in rows:
                days, values = grouped[row["base"], row["quote"]]
                days.append(row["day"])
                values.append(row["rate"])
            self._pairs[pair] = dict(grouped)
        return self._pairs[pair]


def _leg(series: dict[tuple[str, str], _Series], base: str, quote: str, day: date) -> Rate | None:
    """Find the newest of what is recorded for a pair and for its opposite."""
    direct = _latest(series.get((base, quote)), day)
    opposite = _latest(series.get((quote, base)), day)
    if opposite is not None and (direct is None or opposite[0] > direct[0]):
        at, value = opposite
        return Rate(_EXACT.divide(_ONE, value), at, f"inverse of {quote}/{base} of {at}")
    if direct is None:
        return None
    return Rate(direct[1], direct[0], f"{base}/{quote} of {direct[0]}")


def _crossed(
    series: dict[tuple[str, str], _Series], base: str, quote: str, day: date
) -> Rate | None:
    """Go through the third currency with the newest rates, the first by name of several."""
    thirds = {name for pair in series for name in pair} - {base, quote}
    best: Rate | None = None
    for third in sorted(thirds):
        first, second = _leg(series, base, third, day), _leg(series, third, quote, day)
        if first is None or second is None:
            continue
        at = min(first.day, second.day)
        if best is None or at > best.day:
            value = _EXACT.multiply(first.value, second.value)
            best = Rate(value, at, f"through {third}: {first.rule}, {second.rule}")
    return best


def _latest(series: _Series | None, day: date) -> tuple[date, Decimal] | None:
    if series is None:
        return None
    days, values = series
    at = bisect_right(days, day) - 1
    if at < 0 or day - days[at] > timedelta(days=RATE_AGE_DAYS_MAX):
        return None
    return days[at], values[at]
