"""What every statistic in the catalogue promises, whatever it measures."""

from __future__ import annotations

import dataclasses
import doctest
import importlib

import numpy as np
import pytest

from drift.statistics.catalog import STATISTICS
from tests.drift.statistics.kit import NONE, PAIRS, SAMPLES, call, check, example

every = pytest.mark.parametrize("name", sorted(STATISTICS))
of_pairs = pytest.mark.parametrize("name", PAIRS)
of_samples = pytest.mark.parametrize("name", SAMPLES)


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
    assert shuffled.p_value == pytest.approx(result.p_value, rel=1e-12)
    assert dataclasses.replace(shuffled, p_value=result.p_value) == result


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
