"""What every statistic in the catalogue promises, whatever it measures."""

from __future__ import annotations

import dataclasses
import doctest
import importlib
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drift.statistics.catalog import STATISTICS
from drift.statistics.result import Result
from tests.drift.statistics.examples import example

SAMPLES = sorted(name for name, one in STATISTICS.items() if one.takes == "samples")
COUNTS = sorted(name for name, one in STATISTICS.items() if one.takes == "counts")
PAIRS = SAMPLES + COUNTS
#: Distances on the values' own axis, which an infinite value leaves without a number.
METRIC = {"energy_distance", "wasserstein"}
#: What stands for no drift where it is not zero.
NONE = {"mann_whitney": 0.5}

every = pytest.mark.parametrize("name", sorted(STATISTICS))
of_pairs = pytest.mark.parametrize("name", PAIRS)
of_samples = pytest.mark.parametrize("name", SAMPLES)
of_counts = pytest.mark.parametrize("name", COUNTS)


def call(name, *arguments, **options):
    return STATISTICS[name].function(*arguments, **options)


def check(result, name):
    """Say whether a result is complete and possible."""
    one = STATISTICS[name]
    assert isinstance(result, Result)
    assert result.statistic == name
    assert type(result.estimate) is float
    assert math.isfinite(result.estimate)
    assert type(result.n_reference) is int
    assert type(result.n_current) is int
    assert 0.0 < result.level <= 1.0
    assert result.version >= 1
    assert result.method
    assert all(isinstance(key, str) for key in result.method)
    for value in result.method.values():
        assert value is None or type(value) in {str, int, float, bool}
        assert not (isinstance(value, float) and math.isnan(value))
    assert (result.low is None) == (result.high is None)
    if result.low is not None:
        assert result.low <= result.estimate <= result.high
        assert math.isfinite(result.low)
    if result.p_value is not None:
        assert one.has_p_value
        assert type(result.p_value) is float
        assert 0.0 <= result.p_value <= 1.0
    return result


@every
def test_its_key_is_the_name_of_its_function_and_module(name):
    one = STATISTICS[name]
    assert one.name == name
    module = importlib.import_module(f"drift.statistics.{name}")
    assert one.function is getattr(module, name)
    assert one.unit


@every
def test_docstring_has_formula_errors_reference_and_example(name):
    text = STATISTICS[name].function.__doc__
    for section in ("Parameters", "Raises", "References", "Examples"):
        assert f"{section}\n    ---" in text
    assert " = " in text or ".. math::" in text
    assert ">>> " in text


@every
def test_examples_of_the_module_are_right(name):
    module = importlib.import_module(f"drift.statistics.{name}")
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@every
def test_result_is_complete_and_the_same_again(name):
    arguments = example(name)
    first = check(call(name, *arguments), name)
    assert (first.p_value is not None) == STATISTICS[name].has_p_value
    assert first == call(name, *arguments)
    with pytest.raises(dataclasses.FrozenInstanceError):
        first.estimate = 0.0


@every
def test_inputs_are_left_as_they_were(name):
    arguments = [np.array(one) for one in example(name)]
    before = [one.copy() for one in arguments]
    for one in arguments:
        one.setflags(write=False)
    call(name, *arguments)
    for one, was in zip(arguments, before, strict=True):
        assert np.array_equal(one, was)


@of_pairs
def test_every_p_value_has_an_effect_with_an_interval(name):
    result = call(name, *example(name))
    assert result.p_value is not None
    assert result.low is not None


@of_pairs
def test_swapped_inputs(name):
    reference, current = example(name)
    ours, theirs = call(name, reference, current), check(call(name, current, reference), name)
    assert (ours.n_reference, ours.n_current) == (theirs.n_current, theirs.n_reference)
    if "monte_carlo" not in ours.method.values():
        assert theirs.p_value == pytest.approx(ours.p_value, rel=1e-9)
    same = theirs.estimate == pytest.approx(ours.estimate, rel=1e-12)
    assert same == STATISTICS[name].symmetric


@of_pairs
def test_identical_inputs_show_nothing(name):
    one = example(name)[0]
    result = check(call(name, one, one), name)
    assert result.estimate == pytest.approx(NONE.get(name, 0.0), abs=1e-12)
    assert result.p_value == pytest.approx(1.0, abs=1e-3)


@of_pairs
@pytest.mark.parametrize("shift", [-1, 1])
def test_a_large_drift_is_found_in_both_directions(name, shift):
    if name in SAMPLES:
        left = np.random.default_rng(1).normal(size=300)
        right = np.random.default_rng(2).normal(size=200) + shift
    else:
        left, right = np.array([120, 100, 80]), np.array([60, 100, 140])
        right = right[::shift]
        left = left[::shift]
    result = call(name, left, right)
    # One in 10,000 is the least that random tables can say.
    assert result.p_value <= 1e-4
    assert not result.low <= NONE.get(name, 0.0) <= result.high or result.low == 0.0


@of_pairs
def test_unequal_sizes(name):
    generator = np.random.default_rng(3)
    if name in SAMPLES:
        result = call(name, generator.normal(size=2000), generator.normal(size=7))
        assert (result.n_reference, result.n_current) == (2000, 7)
    else:
        result = call(name, generator.multinomial(2000, [0.25] * 4), [2, 1, 2, 2])
        assert (result.n_reference, result.n_current) == (2000, 7)
    check(result, name)
    assert result.p_value > 1e-3


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


@of_pairs
def test_a_higher_level_gives_a_wider_interval(name):
    narrow, wide = (call(name, *example(name), level=level) for level in (0.5, 0.999))
    assert wide.low <= narrow.low
    assert wide.high >= narrow.high
    assert wide.high - wide.low > narrow.high - narrow.low


@of_samples
def test_ties(name):
    generator = np.random.default_rng(4)
    left, right = generator.poisson(1.0, 400), generator.poisson(1.0, 300)
    result = check(call(name, left, right), name)
    assert result.p_value > 1e-3
    shuffled = call(name, generator.permutation(left), generator.permutation(right))
    assert shuffled == result


@of_samples
def test_constants(name):
    same = check(call(name, [7.0] * 50, [7.0] * 30), name)
    assert same.estimate == NONE.get(name, 0.0)
    assert same.p_value == 1.0
    apart = check(call(name, [7.0] * 50, [8.0] * 30), name)
    assert apart.p_value < 1e-5


@of_samples
def test_one_row(name):
    for left, right in (([1.0], [2.0]), ([1.0], [1.0]), ([1.0], np.arange(50.0))):
        result = check(call(name, left, right), name)
        assert result.p_value > 0.01


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
