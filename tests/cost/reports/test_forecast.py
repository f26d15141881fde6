"""Forecasts: against series whose truth is known, and never a number out of nothing."""

import numpy as np
import pytest

from cost.reports.forecast import DAYS_MIN, LEVEL, forecast
from cost.reports.smoothing import WEEK, smooth

WEEKDAYS = np.array([1.2, 1.3, 1.2, 1.1, 1.0, 0.7, 0.5])


def drawn(seed, days, *, weekdays=True, growth=0.0, wander=0.0, noise=0.2):
    """Draw spend with a known pattern; its noise has a mean of 1."""
    rng = np.random.default_rng(seed)
    at = np.arange(days)
    base = 100.0 * (1.0 + growth * at) * np.exp(np.cumsum(rng.normal(0, wander, days)))
    factors = WEEKDAYS[at % WEEK] if weekdays else 1.0
    return base * factors * rng.lognormal(-(noise**2) / 2, noise, days)


def tried(days, horizon, seeds=150, **shape):
    """Give forecast errors, those of repeating the week before, and how often intervals hold."""
    missed, naive, held_sum, held_day = [], [], [], []
    for seed in range(seeds):
        series = drawn(seed, days + horizon, **shape)
        past, future = series[:days], series[days:]
        made = forecast(past, horizon, horizon)
        error = abs(future.sum() - made.expected.sum())
        missed.append(error)
        naive.append(abs(future.sum() - np.resize(past[-WEEK:], horizon).sum()))
        held_sum.append(error <= made.half_sum[-1])
        held_day.append(np.mean(np.abs(future - made.expected) <= made.half_day))
    return np.mean(missed), np.mean(naive), np.mean(held_sum), np.mean(held_day)


SHAPES = [
    {},
    {"weekdays": False},
    {"growth": 0.005},
    {"wander": 0.03},
    {"weekdays": False, "wander": 0.05},
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(("days", "horizon"), [(28, 7), (60, 7), (60, 20), (90, 28)])
def test_the_interval_holds_about_as_often_as_it_says(days, horizon, shape):
    _, _, held_sum, held_day = tried(days, horizon, **shape)
    assert 0.70 <= held_sum <= 0.99
    assert 0.74 <= held_day <= 0.97


@pytest.mark.parametrize("shape", [SHAPES[0], SHAPES[1]], ids=str)
@pytest.mark.parametrize(("days", "horizon"), [(42, 7), (60, 20), (90, 28)])
def test_it_beats_repeating_the_week_before(days, horizon, shape):
    missed, naive, _, _ = tried(days, horizon, **shape)
    assert missed < 0.92 * naive


def test_a_wandering_level_is_no_worse_than_repeating_the_week_before():
    missed, naive, _, _ = tried(60, 14, wander=0.03)
    assert missed < 1.03 * naive


def test_it_finds_the_weekdays():
    made = forecast(drawn(3, 84, noise=0.02), WEEK, WEEK)
    assert made.expected == pytest.approx(100 * WEEKDAYS, rel=0.05)


def test_a_trend_is_followed_and_damped():
    growing = 100.0 + 2.0 * np.arange(60)
    made = forecast(growing, 28, 28)
    assert growing[-WEEK:].mean() < made.expected[-1] < 100.0 + 2.0 * 88


@pytest.mark.parametrize("amount", [0.0, 5.0, 1e-12, 1e12])
def test_a_constant_series_goes_on_without_a_width(amount):
    made = forecast(np.full(30, amount), 10, 10)
    assert made.expected == pytest.approx(np.full(10, amount))
    assert made.half_sum == pytest.approx(np.zeros(10), abs=1e-6 * amount)


def test_spend_that_began_after_nothing_has_finite_numbers():
    made = forecast(np.array([0.0] * 20 + [100.0] * 5), 10, 5)
    assert np.isfinite(made.expected).all()
    assert np.isfinite(made.half_sum).all()
    assert made.half_sum[-1] > 0
    assert made.backtest.mape is None


@pytest.mark.parametrize("days", range(DAYS_MIN))
def test_too_little_history_gives_no_number(days):
    assert forecast(np.full(days, 3.0), 10, 10) is None


def test_few_days_have_wider_intervals_than_many():
    few = [forecast(drawn(seed, 80)[-14:], 7, 7).half_sum[-1] for seed in range(40)]
    many = [forecast(drawn(seed, 80), 7, 7).half_sum[-1] for seed in range(40)]
    assert np.mean(few) > 1.3 * np.mean(many)


def test_intervals_of_a_sum_grow_with_the_days():
    made = forecast(drawn(5, 60), 90, 20)
    assert (np.diff(made.half_sum) >= 0).all()


def test_the_same_series_gives_the_same_forecast():
    one, two = (forecast(drawn(9, 50), 20, 20) for _ in range(2))
    assert (one.expected == two.expected).all()
    assert (one.half_sum == two.half_sum).all()
    assert one.backtest == two.backtest


def test_a_forecast_from_a_day_knows_nothing_of_what_came_later():
    series = drawn(4, 60)
    changed = np.concatenate([series[:40], series[40:] * 7])
    one, two = smooth(series, 10), smooth(changed, 10)
    assert (one.daily[:41] == two.daily[:41]).all()
    assert (one.daily[42:] != two.daily[42:]).any()


def test_the_backtest_is_what_would_have_been_missed():
    series = drawn(6, 50)
    backtest = forecast(series, 7, 7).backtest
    errors, spends = [], []
    for first in range(WEEK, 50 - 7 + 1):
        ahead = smooth(series[:first], 7).daily[-1].sum()
        spends.append(series[first : first + 7].sum())
        errors.append(abs(spends[-1] - ahead))
    assert backtest.trials == len(errors)
    assert backtest.wmape == pytest.approx(sum(errors) / sum(spends))
    assert backtest.mape == pytest.approx(np.mean(np.array(errors) / np.array(spends)))


def test_the_backtest_says_how_often_its_interval_held():
    shares = [forecast(drawn(seed, 90), 7, 7).backtest.coverage for seed in range(40)]
    assert LEVEL - 0.05 <= np.mean(shares) <= 0.97
