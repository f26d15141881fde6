"""Statistics from counts: what they are of, and words where there is nothing to measure."""

import doctest
import math

import numpy as np
import pytest

from drift import counting, cube_job, edges, exact, hours
from drift.cell_statistics import FROM_CELLS, OF_NUMBERS, OF_TEXTS, Compared, measured
from drift.cells import Cells
from drift.codes import MISSING, UNSEEN
from drift.reference import FeatureReference
from drift.statistics.catalog import STATISTICS
from drift.statistics.kolmogorov_smirnov import kolmogorov_smirnov
from drift.statistics.result import Result
from drift.statistics.standardised_mean_difference import standardised_mean_difference
from drift.statistics.wasserstein import wasserstein


def numbers(before, now, *, missing=0):
    """Compare two samples by the cells of the first."""
    cuts = edges.of_numbers(before)
    sides = [Cells.of_numbers(values, cuts) for values in (before, now)]
    whole = sides[0].counts.copy()
    sides[1].counts[MISSING] += missing
    return Compared(FeatureReference("x", "number", edges=cuts), whole, *sides)


def texts(before, now):
    feature = FeatureReference("word", "text", categories=("a", "b"))
    sides = []
    for held in (before, now):
        cells = Cells.empty()
        cells.counts[: len(held)] = held
        sides.append(cells)
    return Compared(feature, sides[0].counts, *sides)


def test_the_examples_run():
    for module in (edges, hours, exact, counting, cube_job):
        found = doctest.testmod(module)
        assert (found.failed, found.attempted > 0) == (0, True)


@pytest.mark.parametrize("seed", range(4))
def test_bounds_are_certain_and_the_mean_is_exact(seed):
    rng = np.random.default_rng(seed)
    before = np.round(rng.lognormal(size=700), 1)
    now = np.round(rng.lognormal(0.2, 1.3, size=400), 1)
    compared = numbers(before, now)
    for name, function in (
        ("kolmogorov_smirnov", kolmogorov_smirnov),
        ("wasserstein", wasserstein),
    ):
        found = measured(name, compared)
        truth = function(before, now).estimate
        assert found.low - 1e-12 <= truth <= found.high + 1e-12
        assert found.level == 1
    found = measured("standardised_mean_difference", compared)
    assert found.estimate == pytest.approx(
        standardised_mean_difference(before, now).estimate, rel=1e-9
    )


def test_missing_values_are_no_drift_of_the_values():
    rng = np.random.default_rng(1)
    before, now = rng.normal(size=500), rng.normal(size=300)
    for name in FROM_CELLS:
        one = measured(name, numbers(before, now))
        other = measured(name, numbers(before, now, missing=5000))
        assert one == other, name


def test_a_text_that_was_never_seen_counts():
    before = texts([50, 50], [50, 50])
    before.now.counts[UNSEEN] = 100
    assert measured("total_variation", before).estimate == pytest.approx(0.5)


@pytest.mark.parametrize("name", FROM_CELLS)
def test_every_statistic_answers_or_says_why(name):
    same = numbers([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    found = measured(name, same)
    assert isinstance(found, Result)
    assert (found.statistic, found.estimate) == (name, pytest.approx(0, abs=1e-12))
    assert measured(name, numbers([1.0], [])) == "no decisions in the window"
    assert measured(name, numbers([], [1.0])) == "no decisions in the baseline"
    gone = measured(name, numbers([1.0], [], missing=3))
    assert gone == "no decision of the window has the feature"
    constant = measured(name, numbers([5.0] * 9, [5.0] * 9))
    assert isinstance(constant, str) or constant.estimate == pytest.approx(0, abs=1e-12)
    if STATISTICS.get(name) is None or STATISTICS[name].takes != "counts":
        assert measured(name, texts([3, 1], [1, 3])) == "this statistic is of numbers"
        no_numbers = measured(name, numbers([1.0], [math.nan]))
        assert no_numbers == "no numbers to compare"


def test_infinities_have_no_distance_but_a_place():
    compared = numbers([1.0, 2.0, 3.0], [1.0, math.inf, math.inf])
    assert measured("wasserstein", compared) == "infinite values have no distance"
    assert measured("kolmogorov_smirnov", compared).estimate == pytest.approx(2 / 3)


def test_what_is_shown_can_be_measured():
    assert set(OF_NUMBERS) | set(OF_TEXTS) <= set(FROM_CELLS)
    assert not any(isinstance(measured(n, texts([9, 1], [5, 5])), str) for n in OF_TEXTS)


def test_edges_do_not_depend_on_order_and_hold_every_value():
    rng = np.random.default_rng(2)
    values = rng.normal(size=1000)
    cuts = edges.of_numbers(values, cells=250)
    assert cuts == edges.of_numbers(values[::-1], cells=250)
    assert len(cuts) == 249
    held = Cells.of_numbers(values, cuts).counts
    assert (held[0], held[249]) == (0, 0)
    assert set(held[1:249]) <= {4, 5}


def test_edges_of_the_largest_numbers_there_are():
    cuts = edges.of_numbers([-1.7976931348623157e308, 0.0, 1.7976931348623157e308])
    assert cuts[0] == -math.inf
    assert Cells.of_numbers([-1.7976931348623157e308, 0.0], cuts).counts[1:3].tolist() == [1, 1]
    assert edges.of_numbers([]) == edges.of_numbers([math.nan, math.inf]) == ()
