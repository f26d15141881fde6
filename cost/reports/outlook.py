"""Spend so far and to come: day by day, to the end of the month, and until a limit is reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Context, Decimal
from typing import TYPE_CHECKING

import numpy as np

from cost.reports.amounts import EXACT, exactly
from cost.reports.forecast import Forecast, forecast
from web.window import DAY_NS

if TYPE_CHECKING:
    from cost.reports.limits import Limit

_DAY = timedelta(days=1)
_PLACES = Decimal(1).scaleb(-9)
_ROUNDED = Context(prec=60)

#: Days a forecast looks ahead at most.
HORIZON_DAYS_MAX = 92


@dataclass(frozen=True, slots=True)
class Band:
    """An expected amount and the interval around it."""

    low: Decimal
    expected: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class RunsOut:
    """When a limit is reached; None for a time that is not within what is looked at.

    Parameters
    ----------
    earliest, expected, latest
        Along the upper edge of the interval, its middle and its lower edge.
    exceeded
        Whether it is reached already; all three are then that day.
    """

    earliest: date | None
    expected: date | None
    latest: date | None
    exceeded: bool = False


@dataclass(frozen=True, slots=True)
class Outlook:
    """Spend to come from a moment on.

    Parameters
    ----------
    today
        Day of that moment, UTC; part of it is spent.
    elapsed
        The part of today that is over, from 0 to 1.
    spent
        Money by day, today included; a day that is left out is 0.
    ahead
        None where there is too little history.
    """

    today: date
    elapsed: float
    spent: Mapping[date, Decimal]
    ahead: Forecast | None

    @classmethod
    def of(
        cls, spent: Mapping[date, Decimal], today: date, elapsed: float, fit_days: int, horizon: int
    ) -> Outlook:
        """Forecast from the whole days before today, at most `fit_days` of them.

        The first day with a charge is where a series starts: before it nothing was metered.
        """
        first = max(min(spent, default=today), today - fit_days * _DAY)
        days = max(0, (today - first).days)
        amounts = (float(spent.get(first + n * _DAY, Decimal(0))) for n in range(days))
        # A correction may leave less than nothing on a day.
        series = np.maximum(0.0, np.fromiter(amounts, dtype=np.float64, count=days))
        left = days_left(today)
        return cls(today, elapsed, spent, forecast(series, max(horizon, left), left))

    @property
    def horizon(self) -> int:
        """Days looked ahead, today included."""
        return 0 if self.ahead is None else len(self.ahead.expected)

    def day(self, number: int) -> Band:
        """Give the whole spend of a day; number 0 is today, of which a part is known."""
        ahead = self._known()
        part = 1.0 - self.elapsed if number == 0 else 1.0
        so_far = self.spent.get(self.today, Decimal(0)) if number == 0 else Decimal(0)
        expected, half = float(ahead.expected[number]), float(ahead.half_day[number])
        return _band(so_far, expected * part, half * part)

    def total(self, since: Decimal, days: int) -> Band:
        """Add what so many days from now on bring, the rest of today included, to `since`."""
        return _band(since, *self._sum(days))

    def month(self) -> tuple[Decimal, Band | None]:
        """Give what this month cost until now, and what it will have cost at its end."""
        spent = exactly(
            money for day, money in self.spent.items() if _month(day) == _month(self.today)
        )
        return spent, None if self.ahead is None else self.total(spent, days_left(self.today))

    def runs_out(self, limit: Limit, spent: Mapping[date, Decimal], now_ns: int) -> RunsOut:
        """Find the days on which a limit is reached.

        Parameters
        ----------
        spent
            What counts against it by day, as far as the window had begun.
        """
        if _reached(spent, limit.amount):
            fixed = limit.to_ns is not None
            day = _reached_on(spent, limit.amount, self.today) if fixed else self.today
            return RunsOut(day, day, day, exceeded=True)
        if self.ahead is None:
            return RunsOut(None, None, None)
        days = limit.rolling_days(now_ns)
        found: list[date | None] = [None, None, None]
        for number in range(self._days_until(limit, now_ns)):
            band = self._counted(spent, number, days)
            for at, amount in enumerate((band.high, band.expected, band.low)):
                if found[at] is None and amount >= limit.amount:
                    found[at] = self.today + number * _DAY
        earliest, expected, latest = found
        return RunsOut(earliest, expected, latest)

    def _days_until(self, limit: Limit, now_ns: int) -> int:
        if limit.to_ns is None:
            return self.horizon
        midnight_ns = now_ns // DAY_NS * DAY_NS
        return min(self.horizon, -(-(limit.to_ns - midnight_ns) // DAY_NS))

    def _counted(self, spent: Mapping[date, Decimal], number: int, days: int | None) -> Band:
        """Give what counts at the end of a day: of a moving window, the last `days` only."""
        if days is None:
            return self.total(exactly(spent.values()), number + 1)
        first = self.today + (number + 1 - days) * _DAY
        held = exactly(money for day, money in spent.items() if day >= first)
        if number < days:
            return self.total(held, number + 1)
        all_expected, all_half = self._sum(number + 1)
        gone, _ = self._sum(number + 1 - days)
        return _band(held, all_expected - gone, all_half)

    def _sum(self, days: int) -> tuple[float, float]:
        """Give what so many days bring, today's rest included, and half the interval's width."""
        ahead = self._known()
        rest = float(ahead.expected[0]) * (1.0 - self.elapsed)
        expected = rest + float(ahead.expected[1:days].sum())
        before = float(ahead.half_sum[days - 2]) if days > 1 else 0.0
        half = self.elapsed * before + (1.0 - self.elapsed) * float(ahead.half_sum[days - 1])
        return expected, half

    def _known(self) -> Forecast:
        if self.ahead is None:
            raise ValueError("there is no forecast")
        return self.ahead


def days_left(today: date) -> int:
    """Count the days to the end of a month, today included."""
    following = (today.replace(day=28) + 4 * _DAY).replace(day=1)
    return (following - today).days


def _month(day: date) -> tuple[int, int]:
    return day.year, day.month


def _reached(spent: Mapping[date, Decimal], amount: Decimal) -> bool:
    return exactly(spent.values()) >= amount


def _reached_on(spent: Mapping[date, Decimal], amount: Decimal, today: date) -> date:
    held = Decimal(0)
    for day in sorted(spent):
        held = EXACT.add(held, spent[day])
        if held >= amount:
            return day
    return today


def _band(since: Decimal, expected: float, half: float) -> Band:
    """Place an interval; no more is taken back than is expected to come."""
    middle, width = _money(expected), _money(half)
    low = max(Decimal(0), _ROUNDED.subtract(middle, width))
    high = _ROUNDED.add(middle, width)
    return Band(EXACT.add(since, low), EXACT.add(since, middle), EXACT.add(since, high))


def _money(amount: float) -> Decimal:
    return Decimal(repr(float(amount))).quantize(_PLACES, context=_ROUNDED)
