"""Bets on a mean: counted at points they win what they win value by value."""

import doctest

import numpy as np
import pytest

from drift.statistics import betting, e_process
from drift.statistics.betting import Grid, log_mixture
from drift.statistics.e_process import BETS, BettingMean


def test_its_examples_run():
    assert doctest.testmod(betting).failed == 0


@pytest.mark.parametrize(("lower", "upper"), [(0.0, 1.0), (-1.0, 1.0), (-3.0, 5.0)])
def test_a_grid_is_the_betting_mean_where_values_lie_on_its_points(lower, upper):
    rng = np.random.default_rng(1)
    points = np.linspace(lower, upper, 41)
    values = rng.choice(points, 500)
    mean = lower + 0.45 * (upper - lower)
    grid = Grid(lower, upper, 41, BETS)
    one_by_one = BettingMean(mean, lower=lower, upper=upper, alternative="greater")
    for value in values:
        one_by_one.update(value)
    assert log_mixture(grid.gains(mean) @ grid.split(values)) == pytest.approx(
        one_by_one.log_e, abs=1e-9
    )


def test_between_points_wealth_is_lessened_and_hardly():
    rng = np.random.default_rng(2)
    values = rng.beta(3, 2, 300)
    grid = Grid(0.0, 1.0, 401, BETS)
    exact = BettingMean(0.5, alternative="greater")
    for value in values:
        exact.update(value)
    log_e = log_mixture(grid.gains(0.5) @ grid.split(values))
    assert exact.log_e - 0.02 < log_e <= exact.log_e
    assert grid.split(values) @ np.linspace(0, 1, 401) == pytest.approx(values.sum())


def test_every_mean_below_the_bound_is_refused_and_none_above():
    rng = np.random.default_rng(3)
    grid = Grid(-1.0, 1.0, 201, BETS)
    counts = grid.split(rng.normal(0.2, 0.1, 400))
    bound = grid.refused_below(counts, np.log(40), -1.0)
    for mean, refused in ((bound - 1e-3, True), (bound + 1e-3, False)):
        assert (log_mixture(grid.gains(mean) @ counts) >= np.log(40)) == refused
    assert grid.refused_below(counts, np.log(40), 0.9) == 0.9


def test_a_mean_that_cannot_be_exceeded_wins_nothing():
    grid = Grid(-1.0, 1.0, 11, BETS)
    assert not grid.gains(1.0).any()


def test_an_unknown_alternative_is_named():
    with pytest.raises(ValueError, match="'more'"):
        e_process.BettingMean(0.5, alternative="more")
