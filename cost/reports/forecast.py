"""Forecasts of daily spend, with intervals that come from what earlier forecasts missed.

There is no distribution that is assumed: the forecast is repeated from every past day, and what it
missed over so many days then is the width of the interval over so many days now.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

from cost.reports.smoothing import WEEK, Floats, Smoothed, smooth

#: Share of outcomes an interval is made to hold.
LEVEL = 0.8

#: Fewer days are too few: one week is learnt from and a second one tried on.
DAYS_MIN = 2 * WEEK

#: Past forecasts that a width needs; where fewer look so far ahead, it grows with the days.
_TRIALS_MIN = 7

#: Least part of the mean day that misses are measured in, where a series had died down.
_SCALE_MIN = 0.1
_TINY = 1e-30


@dataclass(frozen=True, slots=True)
class Backtest:
    """How the same method did on the past, from many days on.

    Parameters
    ----------
    trials
        Days it was tried from.
    days
        How many days it looked ahead; its sum over them is what is compared.
    mape
        Mean of the misses in shares of the spend; None where a spend was 0.
    wmape
        Sum of the misses over sum of the spend; None where there was none.
    naive_wmape
        The same of a forecast that repeats the week before.
    coverage
        Share of trials whose interval, made of what was known then, held the spend.
    """

    trials: int
    days: int
    mape: float | None
    wmape: float | None
    naive_wmape: float | None
    coverage: float | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """Daily spend to come.

    Parameters
    ----------
    expected
        By day, the first one follows the last of the series.
    half_day
        Half the width of the interval of each day.
    half_sum
        Half the width of the interval of the sum up to each day.
    """

    expected: Floats
    half_day: Floats
    half_sum: Floats
    backtest: Backtest


def forecast(series: Floats, horizon: int, trial_days: int) -> Forecast | None:
    """Forecast a series of daily spend; None where it is too short to say anything.

    Parameters
    ----------
    horizon
        Days ahead.
    trial_days
        Days ahead that the backtest reports on; fewer where the series is short.
    """
    if len(series) < DAYS_MIN:
        return None
    smoothed = smooth(series, horizon)
    least = max(_SCALE_MIN * float(series.mean()), _TINY)
    scale = np.maximum(smoothed.level, least)
    day_misses = _misses(series, smoothed, summed=False)
    sum_misses = _misses(series, smoothed, summed=True)
    at = len(series)
    return Forecast(
        expected=smoothed.daily[-1],
        half_day=_halves(day_misses / scale[:-1, None], at) * scale[-1],
        half_sum=_halves(sum_misses / scale[:-1, None], at) * scale[-1],
        backtest=_backtest(series, smoothed, sum_misses, scale, trial_days),
    )


def _misses(series: Floats, smoothed: Smoothed, *, summed: bool) -> Floats:
    """Give spend less forecast by first day and days ahead; NaN where it is not over yet."""
    days, horizon = len(series), smoothed.daily.shape[1]
    misses = np.full((days, horizon), np.nan)
    for first in range(WEEK, days):
        width = min(horizon, days - first)
        actual, ahead = series[first : first + width], smoothed.daily[first, :width]
        difference = actual - ahead
        misses[first, :width] = np.cumsum(difference) if summed else difference
    return misses


def _halves(misses: Floats, at: int) -> Floats:
    """Give half the width over each number of days, from the trials that were over on day `at`."""
    horizon = misses.shape[1]
    halves = np.zeros(horizon)
    for ahead in range(horizon):
        over = np.abs(misses[WEEK : max(WEEK, at - ahead), ahead])
        if len(over) >= _TRIALS_MIN:
            halves[ahead] = max(_quantile(over, ahead + 1), halves[ahead - 1] if ahead else 0.0)
        elif ahead:
            halves[ahead] = halves[ahead - 1] * (ahead + 1) / ahead
        else:
            halves[ahead] = 2.0 * over.max(initial=0.0)
    return halves


def _quantile(misses: Floats, days: int) -> float:
    """Take the miss that LEVEL of the trials stay within, and more where few stand alone.

    Trials over several days overlap and are alike, so they count as fewer.
    """
    count = len(misses)
    alone = max(1.0, count / days)
    rank = min(count, ceil((count + 1) * LEVEL))
    widened = np.sqrt(1.0 + 1.0 / alone)
    return float(np.sort(misses)[rank - 1] * widened)


def _backtest(
    series: Floats, smoothed: Smoothed, misses: Floats, scale: Floats, trial_days: int
) -> Backtest:
    days = len(series)
    # A trial needs a week before it, and there should be some.
    ahead = max(1, min(trial_days, smoothed.daily.shape[1], days - WEEK - _TRIALS_MIN + 1))
    firsts = np.arange(WEEK, days - ahead + 1)
    actual = np.array([series[first : first + ahead].sum() for first in firsts])
    missed = np.abs(misses[firsts, ahead - 1])
    naive = np.array([np.resize(series[first - WEEK : first], ahead).sum() for first in firsts])
    held = []
    for first, miss in zip(firsts, missed, strict=True):
        if first >= 2 * WEEK:
            half = _halves(misses[:, :ahead] / scale[:-1, None], int(first))[-1] * scale[first]
            held.append(bool(miss <= half))
    spent = float(actual.sum())
    return Backtest(
        trials=len(firsts),
        days=ahead,
        mape=float(np.mean(missed / actual)) if np.all(actual > 0) else None,
        wmape=float(missed.sum()) / spent if spent else None,
        naive_wmape=float(np.abs(actual - naive).sum()) / spent if spent else None,
        coverage=float(np.mean(held)) if held else None,
    )
