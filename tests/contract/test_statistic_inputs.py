"""What every statistic in the catalogue takes, refuses, and makes of odd input."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.drift.statistics.kit import COUNTS, PAIRS, SAMPLES, call, check, example

#: Distances on the values' own axis, which an infinite value leaves without a number.
METRIC = {"energy_distance", "standardised_mean_difference", "wasserstein"}

of_pairs = pytest.mark.parametrize("name", PAIRS)
of_samples = pytest.mark.parametrize("name", SAMPLES)
of_counts = pytest.mark.parametrize("name", COUNTS)


@of_pairs
@pytest.mark.parametrize("argument", ["reference", "current"])
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ([], "empty"),
        ([[1, 2], [3, 4]], "dimension"),
        ([[1], [2, 3]], "ragged"),
        (["a", "b"], "give (whole )?numbers"),
        ([1, "a"], "give (whole )?numbers"),
        ([1, None], "give (whole )?numbers"),
        ([1.0, float("nan")], "NaN"),
    ],
    ids=["empty", "matrix", "ragged", "texts", "mixed", "none", "nan"],
)
def test_bad_input_is_refused_by_name(name, argument, wrong, message):
    good = [1, 2]
    arguments = (wrong, good) if argument == "reference" else (good, wrong)
    with pytest.raises(ValueError, match=message) as caught:
        call(name, *arguments)
    suffix = "_counts" if name in COUNTS else ""
    assert str(caught.value).startswith(argument + suffix)


@of_pairs
@pytest.mark.parametrize("level", [0.0, 1.0, -1.0, float("nan")])
def test_a_level_that_is_no_probability_is_refused(name, level):
    with pytest.raises(ValueError, match="level"):
        call(name, *example(name), level=level)


@of_samples
def test_infinities(name):
    left, right = np.arange(20.0), np.arange(15.0) + 3
    with_ends = (np.append(left, [np.inf, -np.inf]), np.append(right, np.inf))
    if name in METRIC:
        with pytest.raises(ValueError, match="infinite"):
            call(name, *with_ends)
        return
    finite = (np.append(left, [1e9, -1e9]), np.append(right, 1e9))
    result = check(call(name, *with_ends), name)
    assert result.estimate == call(name, *finite).estimate
    assert result.p_value == call(name, *finite).p_value


@of_samples
@pytest.mark.parametrize("kind", ["float32", "int64", "uint8", "bool", "float16"])
def test_other_kinds_of_numbers_are_the_same(name, kind):
    generator = np.random.default_rng(5)
    left, right = (generator.integers(0, 2, size).astype(kind) for size in (90, 70))
    wide = call(name, left.astype(np.float64), right.astype(np.float64))
    assert call(name, left, right) == wide
    assert call(name, left, right.astype(np.float64)) == wide


@of_samples
def test_single_precision_is_compared_as_it_is(name):
    generator = np.random.default_rng(6)
    left, right = (generator.normal(size=n).astype(np.float32) for n in (500, 400))
    wide = call(name, left.astype(np.float64), right.astype(np.float64))
    assert call(name, left, right).estimate == pytest.approx(wide.estimate, rel=1e-12)


numbers = st.lists(
    st.floats(-1e6, 1e6) | st.sampled_from([0.0, 1.0, -1.0]), min_size=1, max_size=30
)


@of_samples
@settings(max_examples=40, deadline=None)
@given(left=numbers, right=numbers)
def test_any_samples_give_numbers(name, left, right):
    check(call(name, left, right), name)


@of_counts
@settings(max_examples=40, deadline=None)
@given(
    pairs=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=12),
    large=st.sampled_from([1, 1_000_000]),
)
def test_any_counts_give_numbers(name, pairs, large):
    left, right = np.array(pairs).T
    left, right = left + (left.sum() == 0), right * large + (right.sum() == 0)
    options = {"draws": 99} if name in {"fisher", "chi_square", "g_test"} else {}
    check(call(name, left, right, **options), name)


@of_counts
def test_one_cell_and_one_observation(name):
    assert check(call(name, [5], [9]), name).p_value == 1.0
    assert check(call(name, [1, 0], [0, 1]), name).p_value == 1.0


@of_counts
def test_cells_empty_in_both_do_not_count(name):
    reference, current = example(name)
    spread = [np.concatenate([[0], one, [0, 0]]) for one in (reference, current)]
    first, second = call(name, reference, current), call(name, *spread)
    assert (first.estimate, first.p_value) == (second.estimate, second.p_value)
    assert (first.low, first.high) == (second.low, second.high)


@pytest.mark.parametrize("name", [name for name in COUNTS if name != "fisher"])
def test_new_categories_by_the_thousand(name):
    reference = np.array([500, 500] + [0] * 3000)
    current = np.array([400, 400] + [1] * 3000)
    assert check(call(name, reference, current), name).p_value < 1e-12


def test_fisher_takes_thousands_of_rare_cells_though_their_order_says_little():
    reference = np.array([500, 500] + [0] * 3000)
    current = np.array([400, 400] + [1] * 3000)
    check(call("fisher", reference, current, draws=99), "fisher")


@of_counts
@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ([1, 2, 3], "cells"),
        ([-1, 2], "zero or more"),
        ([0.5, 0.5], "fractions"),
        ([0, 0], "empty"),
        ([1, math.inf], "infinity"),
    ],
)
def test_counts_that_are_none_are_refused(name, reference, message):
    with pytest.raises(ValueError, match=f"_counts .*{message}"):
        call(name, reference, [3, 4])
