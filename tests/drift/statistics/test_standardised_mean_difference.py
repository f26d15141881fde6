"""The effect size of a moved mean: scipy's Welch test, its interval, and what has no spread."""

from __future__ import annotations

import doctest
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from drift.statistics import standardised_mean_difference as module
from drift.statistics.pooled_difference import pooled_difference, strays, strays_of
from drift.statistics.standardised_mean_difference import (
    moments,
    of_moments,
    standardised_mean_difference,
)

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
    result = effect(reference, current, test="welch")
    unit = math.sqrt((reference.var(ddof=1) + current.var(ddof=1)) / 2)
    assert result.estimate == pytest.approx((current.mean() - reference.mean()) / unit, rel=1e-9)
    welch = stats.ttest_ind(reference, current, equal_var=False)
    assert result.p_value == pytest.approx(welch.pvalue, rel=1e-9)
    assert result.low < result.estimate < result.high


LAWS = {
    "lognormal, 2": lambda random, size: random.lognormal(0, 2, size),
    "lognormal, -2": lambda random, size: -random.lognormal(0, 2, size),
    "zeros": lambda random, size: np.where(
        random.random(size) < 0.6, 0, random.lognormal(0, 1, size)
    ),
    "Student, 3": lambda random, size: random.standard_t(3, size),
    "normal": lambda random, size: random.normal(size=size),
}


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("sizes", [(50, 500), (1_000, 100)], ids=str)
def test_its_level_holds_on_skewed_values_in_samples_of_unequal_size(law, sizes) -> None:
    random = np.random.default_rng(sizes)
    p_values = np.array(
        [effect(*(LAWS[law](random, size) for size in sizes)).p_value for _ in range(1500)]
    )
    # Three standard errors; Welch's test alone has up to 17 and 8 % on the skewed ones.
    assert np.mean(p_values <= 0.05) <= 0.0669
    assert np.mean(p_values <= 0.01) <= 0.0178


def test_welchs_level_holds_where_spreads_differ() -> None:
    random = np.random.default_rng(8)
    pairs = [(random.normal(0, 1, 900), random.normal(0, 2, 60)) for _ in range(800)]
    welch, pooled = (
        np.mean([effect(*pair, test=test).p_value <= 0.05 for pair in pairs])
        for test in ("welch", "pooled")
    )
    assert 0.027 <= welch <= 0.073
    assert pooled > 0.15  # What drifted is the spread.


def test_it_is_students_test_where_sizes_are_equal_and_means_alike() -> None:
    random = np.random.default_rng(9)
    reference, current = random.gamma(2, size=40), random.gamma(2, size=40)
    student = stats.ttest_ind(reference, current)
    pooled = pooled_difference(*(moments(one, "one") for one in (reference, current)))
    assert pooled == pytest.approx(student.pvalue, rel=1e-9)
    assert effect(reference, current).p_value == pooled


def test_the_pooled_law_is_that_of_orders() -> None:
    random = np.random.default_rng(10)
    reference, current = random.exponential(size=60), random.exponential(size=8) * 1.7
    orders = stats.permutation_test(
        (reference, current),
        lambda x, y, axis: y.mean(axis) - x.mean(axis),
        vectorized=True,
        n_resamples=20_000,
        rng=random,
    )
    pooled = pooled_difference(*(moments(one, "one") for one in (reference, current)))
    assert pooled == pytest.approx(orders.pvalue, abs=0.015)


def test_moments_of_long_samples_are_those_of_all_values() -> None:
    values = np.random.default_rng(11).gamma(0.5, size=50_001)
    found = moments(values, "values")
    assert found.variance == pytest.approx(values.var(ddof=1), rel=1e-13)
    assert found.third == pytest.approx(((values - values.mean()) ** 3).mean(), rel=1e-12)


def test_it_says_which_test_it_took() -> None:
    first, second = moments([1.0, 2.0, 4.0], "first"), moments([3.0, 5.0, 9.0], "second")
    assert of_moments(first, second).method["test"] == "pooled"
    # Skewness falls out of the difference of samples of equal size.
    alone = of_moments(replace(first, third=None), second)
    assert (alone.method["test"], alone.p_value) == ("pooled", of_moments(first, second).p_value)
    more = moments([3.0, 5.0, 9.0, 9.0], "more")
    assert of_moments(first, more).method["test"] == "pooled"
    assert of_moments(replace(first, third=None), more).method["test"] == "welch"
    assert of_moments(first, second, test="welch").method["test"] == "welch"
    with pytest.raises(ValueError, match="test is 'student'"):
        of_moments(first, second, test="student")
    huge = effect([1e120, -1e120, 3e120], [2e120, 5e120])
    assert huge.method["test"] == "welch"  # Cubes are beyond doubles.
    assert 0.0 < huge.p_value < 1.0


@pytest.mark.parametrize("sizes", [(400, 30), (30, 400), (50, 50)], ids=str)
def test_moments_tell_how_far_means_stray_as_the_values_do(sizes: tuple[int, int]) -> None:
    random = np.random.default_rng(4)
    first, second = (random.lognormal(0, 1, size) for size in sizes)
    values, counts = np.unique(np.concatenate([first, second]), return_counts=True)
    for distance in (0.0, 0.2, 1.0, 3.0):
        ours = strays_of(distance, moments(first, "first"), moments(second, "second"))
        assert ours == pytest.approx(strays(distance, values, counts * 1.0, sizes), rel=0.05)
    constant = moments([2.0, 2.0], "constant")
    assert (strays_of(0.0, constant, constant), strays_of(1.0, constant, constant)) == (1.0, 0.0)


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
