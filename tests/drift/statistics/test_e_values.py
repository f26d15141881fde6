"""E-values: their mean, their merging, and false discoveries under dependence."""

import doctest
import math

import numpy as np
import pytest
from scipy.integrate import quad

from drift.statistics import e_values


def test_its_examples_run():
    assert doctest.testmod(e_values).failed == 0


@pytest.mark.parametrize(
    "options", [{}, {"calibrator": "power"}, {"calibrator": "power", "power": 0.1}]
)
def test_calibrators_have_mean_one_over_uniform_p_values(options):
    # With p = exp(-x) the integral runs over x, where the integrand is smooth.
    mean, _ = quad(
        lambda x: e_values.from_p_values(math.exp(-x), **options).item() * math.exp(-x),
        0,
        690,
        limit=500,
    )
    # The mixture has a heavy tail: what lies below 1e-300 holds 1/690 of its mean.
    assert mean == pytest.approx(1.0, abs=2e-3)
    assert mean <= 1.0 + 1e-9


def test_the_mixture_is_the_integral_of_the_powers():
    for p in (1e-6, 0.01, 0.5, 0.99):
        integral, _ = quad(lambda k, p=p: k * p ** (k - 1), 0, 1)
        assert e_values.from_p_values(p).item() == pytest.approx(integral, rel=1e-9)


def test_calibrators_fall_and_have_no_gap_near_one():
    p = np.r_[0.0, np.geomspace(1e-300, 1, 2000), 1 - np.geomspace(1e-9, 0.1, 300)]
    e = e_values.from_p_values(np.sort(p))
    assert (np.diff(e) <= 1e-12).all()
    assert np.isfinite(e).all()
    assert e_values.from_p_values(math.exp(-1e-3)).item() == pytest.approx(
        0.5 + 1e-3 / 6 + 1e-6 / 24, abs=1e-10
    )


def test_e_bh_by_hand():
    # K = 4, alpha = .2: thresholds 20, 10, 20/3, 5.
    assert e_values.e_bh([7.0, 10.0, 8.0, 0.0], 0.2).tolist() == [True, True, True, False]
    assert e_values.e_bh([19.0, 9.0, 6.0, 4.0], 0.2).tolist() == [False] * 4
    assert e_values.e_bh(20.0, 0.05).tolist() == [True]


def test_e_bh_holds_its_level_where_signals_depend():
    """Half the signals drift; the quiet ones all follow one p-value."""
    rng = np.random.default_rng(1)
    shares, found = [], 0
    for _ in range(2000):
        quiet = np.repeat(rng.random(), 20)
        drifting = rng.random(20) * 1e-4
        rejected = e_values.e_bh(e_values.from_p_values(np.r_[quiet, drifting]), 0.1)
        shares.append(rejected[:20].sum() / max(1, rejected.sum()))
        found += rejected[20:].sum()
    assert np.mean(shares) <= 0.1
    assert found / 40_000 > 0.5


def test_the_average_holds_where_signals_depend():
    rng = np.random.default_rng(2)
    alarms = [
        e_values.averaged(e_values.from_p_values(np.repeat(rng.random(), 50))) >= 20
        for _ in range(4000)
    ]
    assert np.mean(alarms) <= 0.05
    assert e_values.averaged([1.0, 3.0], weights=[3, 1]) == 1.5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: e_values.from_p_values([0.5, 1.1]), "within"),
        (lambda: e_values.from_p_values(np.nan), "NaN"),
        (lambda: e_values.from_p_values(0.5, calibrator="x"), "calibrator must be"),
        (lambda: e_values.from_p_values(0.5, calibrator="power", power=1.0), "power must be"),
        (lambda: e_values.to_p_value(-1.0), "at least 0"),
        (lambda: e_values.to_p_value(math.nan), "at least 0"),
        (lambda: e_values.averaged([]), "at least one"),
        (lambda: e_values.averaged([1.0], weights=[0.0]), "weights must be"),
        (lambda: e_values.e_bh([1.0, -1.0]), "at least 0"),
        (lambda: e_values.e_bh([1.0], 1.0), "alpha must be"),
    ],
)
def test_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()
