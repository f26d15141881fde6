"""The effect size of a moved mean: scipy's Welch test, its interval, and what has no spread."""

from __future__ import annotations

import doctest
import math

import numpy as np
import pytest
from scipy import stats

from drift.statistics import standardised_mean_difference as module
from drift.statistics.standardised_mean_difference import standardised_mean_difference

effect = standardised_mean_difference


@pytest.mark.parametrize("sizes", [(2, 2), (50, 7), (1_000, 4_000)], ids=str)
@pytest.mark.parametrize("shift", [0.0, 0.4, -2.0])
@pytest.mark.parametrize("offset", [0.0, 1e9])
def test_it_agrees_with_numpy_and_scipy(
    sizes: tuple[int, int], shift: float, offset: float
) -> None:
    random = np.random.default_rng(sizes)
    reference = random.normal(offset, 1, sizes[0])
    current = random.normal(offset + shift, 2, sizes[1])
    result = effect(reference, current)
    unit = math.sqrt((reference.var(ddof=1) + current.var(ddof=1)) / 2)
    assert result.estimate == pytest.approx((current.mean() - reference.mean()) / unit, rel=1e-9)
    welch = stats.ttest_ind(reference, current, equal_var=False)
    assert result.p_value == pytest.approx(welch.pvalue, rel=1e-9)
    assert result.low < result.estimate < result.high


@pytest.mark.parametrize("true", [0.0, 0.8])
def test_its_interval_holds_the_true_effect_as_often_as_it_says(true: float) -> None:
    random = np.random.default_rng(6)
    unit, held = math.sqrt((1 + 2.25) / 2), 0
    for _ in range(600):
        result = effect(random.normal(0, 1, 80), random.normal(true * unit, 1.5, 120))
        held += result.low <= true <= result.high
    assert 0.92 <= held / 600 <= 0.98


def test_both_directions_count_alike() -> None:
    reference, current = [1.0, 2.0, 4.0], [3.0, 5.0, 9.0]
    there, back = effect(reference, current), effect(current, reference)
    assert there.estimate == -back.estimate > 0
    assert there.p_value == back.p_value
    assert (there.low, there.high) == (-back.high, -back.low)


def test_constant_columns_have_no_spread_to_measure_by() -> None:
    same = effect([2.0, 2.0], [2.0, 2.0, 2.0])
    assert (same.estimate, same.p_value, same.low) == (0.0, 1.0, None)
    moved = effect([2.0, 2.0], [1.0, 1.0])
    assert (moved.estimate, moved.p_value, moved.high) == (-2.0, 0.0, None)
    assert moved.estimate == pytest.approx(-1 / np.std([2.0, 2.0, 1.0, 1.0]))


def test_rounding_is_not_spread() -> None:
    result = effect([0.1] * 50, [0.1] * 30)
    assert (result.estimate, result.p_value, result.method["unit"]) == (0.0, 1.0, 0.0)
    assert effect([1e9, 1e9 + 1e-6], [1e9, 1e9 + 1e-6]).method["unit"] > 0


def test_one_value_has_an_estimate_and_nothing_more() -> None:
    result = effect([1.0], [1.0, 3.0])
    assert result.estimate == pytest.approx(1.0)
    assert (result.p_value, result.low, result.high) == (1.0, None, None)


@pytest.mark.parametrize("bad", [[], [1.0, math.nan], [1.0, math.inf], ["a"], [[1.0]]])
def test_bad_samples_are_named(bad: list[object]) -> None:
    with pytest.raises(ValueError, match="current"):
        effect([1.0, 2.0], bad)
    with pytest.raises(ValueError, match="reference"):
        effect(bad, [1.0, 2.0])


def test_the_example_holds() -> None:
    assert doctest.testmod(module).failed == 0


def test_values_whose_squares_are_beyond_doubles_are_named() -> None:
    with pytest.raises(ValueError, match="current holds values whose squares are beyond doubles"):
        standardised_mean_difference([1.0, 2.0], [1e160, -1e160])
    with pytest.raises(ValueError, match="reference holds values whose squares are beyond doubles"):
        standardised_mean_difference([1.7e308, 1.7e308, 1.0], [1.0, 2.0])
