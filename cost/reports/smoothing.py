"""Daily spend smoothed in several ways at once: level, damped trend, and a factor a weekday.

Each way has a memory of its own; one more repeats the week before. A forecast is their mean,
weighted by how well each did on the weeks before. It is worked out from every day of a series on,
and knows nothing of what came after that day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WEEK = 7

#: How much of a trend is left after each day: spend does not grow for ever.
DAMPING = 0.93

#: What a day still counts after another one has passed, for the level and for the weekdays.
_MEMORIES = [0.98, 0.95, 0.9, 0.8]
_WEEKDAY_MEMORY = 0.98

#: Days of the mean that are added to each weekday, so that few days make no pattern.
_SHRINKAGE = 0.15

#: What a miss still counts after another day has passed.
_MISS_MEMORY = 0.95

#: Each memory with and without trend, with and without weekdays.
_MEMORY, _TREND, _WEEKDAYS = (
    part.ravel() for part in np.meshgrid(_MEMORIES, [0.0, 1.0], [0.0, 1.0], indexing="ij")
)
_SMOOTHINGS = len(_MEMORY)

#: Keeps divisions away from zero where nothing was spent.
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Smoothed:
    """What was expected from each day on.

    Parameters
    ----------
    daily
        Row t holds the forecasts of days t, t + 1, ... made before day t, for t from 0 to the
        length of the series; the last row is the forecast.
    level
        Money of an average day, as it was seen before day t.
    """

    daily: Floats
    level: Floats


def smooth(series: Floats, horizon: int) -> Smoothed:
    """Forecast `horizon` days from every day of a series of at least a week.

    Before the end of the first week there is nothing to go by: those rows repeat its mean.
    """
    days = len(series)
    mean = float(series[:WEEK].mean())
    daily = np.full((days + 1, horizon), mean)
    level = np.full(days + 1, mean)
    seen, misses = _Seen(), _Misses()
    for day in range(days + 1):
        if day >= WEEK:
            week = series[day - WEEK : day]
            ahead = seen.ahead(day, max(horizon, WEEK))
            every = np.vstack([ahead, np.resize(week, ahead.shape[1])])
            weights = misses.weights()
            daily[day] = (weights @ every)[:horizon]
            level[day] = weights @ np.append(seen.level, week.mean())
            misses.expect(day, every[:, :WEEK])
        if day < days:
            seen.learn(series[day], day)
            misses.learn(series, day)
    return Smoothed(daily, level)


class _Seen:
    """Sums of what was spent, as each memory has them."""

    def __init__(self) -> None:
        self._spent = np.zeros((_SMOOTHINGS, WEEK))
        self._days = np.zeros((_SMOOTHINGS, WEEK))
        self._age = np.zeros(_SMOOTHINGS)
        self._weekday_spent = np.zeros(WEEK)
        self._weekday_days = np.zeros(WEEK)
        self.level = np.zeros(_SMOOTHINGS)

    def learn(self, amount: float, day: int) -> None:
        """Take in the spend of a day."""
        weekday = day % WEEK
        self._age = (self._age + self._days.sum(axis=1)) * _MEMORY
        self._spent *= _MEMORY[:, None]
        self._days *= _MEMORY[:, None]
        self._weekday_spent *= _WEEKDAY_MEMORY
        self._weekday_days *= _WEEKDAY_MEMORY
        self._spent[:, weekday] += amount
        self._days[:, weekday] += 1.0
        self._weekday_spent[weekday] += amount
        self._weekday_days[weekday] += 1.0

    def ahead(self, day: int, horizon: int) -> Floats:
        """Forecast from a day on, a row a way."""
        factors = self._factors()
        counted = np.maximum((self._days * factors).sum(axis=1), _TINY)
        self.level = self._spent.sum(axis=1) / counted
        steps = np.arange(horizon)
        grown = np.cumsum(DAMPING ** (steps + 1)) * self._trend()[:, None]
        forecast: Floats = (
            np.maximum(0.0, self.level[:, None] + grown) * (factors[:, (day + steps) % WEEK])
        )
        return forecast

    def _factors(self) -> Floats:
        mean = self._weekday_spent.sum() / self._weekday_days.sum()
        if mean <= 0:
            return np.ones((_SMOOTHINGS, WEEK))
        shown = (self._weekday_spent / mean + _SHRINKAGE) / (self._weekday_days + _SHRINKAGE)
        factors: Floats = np.where(_WEEKDAYS[:, None] > 0, shown / shown.mean(), 1.0)
        return factors

    def _trend(self) -> Floats:
        """Compare each level with that of the longest memory, over the days between the two."""
        age = self._age / np.maximum(self._days.sum(axis=1), _TINY)
        apart = age.max() - age
        longer = self.level - self.level[int(np.argmax(age))]
        slope: Floats = np.divide(longer, apart, out=np.zeros_like(apart), where=apart > 1.0)
        return _TREND * slope


class _Misses:
    """How far each way was off over weeks that are past."""

    def __init__(self) -> None:
        self._expected: dict[int, Floats] = {}
        self._missed = np.zeros(_SMOOTHINGS + 1)

    def expect(self, day: int, week: Floats) -> None:
        """Remember what each day of the week from a day on is expected to cost."""
        self._expected[day] = week

    def learn(self, series: Floats, day: int) -> None:
        """Compare the week that ends with a day."""
        expected = self._expected.pop(day - WEEK + 1, None)
        if expected is not None:
            miss = series[day - WEEK + 1 : day + 1] - expected
            # Both count: the money of the week, and on which of its days it was spent.
            squares = miss.sum(axis=1) ** 2 + (miss**2).sum(axis=1)
            self._missed = _MISS_MEMORY * self._missed + squares

    def weights(self) -> Floats:
        """Weigh the ways by the squares of their misses; alike while there was none."""
        most = self._missed.max()
        # Only the ratio counts, and a way that was never off does not get all the weight.
        good = 1.0 / (self._missed / most + 1e-6) if most > 0 else np.ones(_SMOOTHINGS + 1)
        weights: Floats = good / good.sum()
        return weights
