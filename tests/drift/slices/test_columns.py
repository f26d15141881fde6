"""Every value a feature can have falls in one condition, or is too rare for one."""

import doctest
import importlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift.slices.columns import NONE, column, quantile_edges
from drift.slices.predicates import Predicate

MODULES = ("bitmaps", "columns", "confirmation", "score")


def made(values, *, cells=4, support=1):
    """Make a column of numbers, texts and None for missing."""
    numbers = np.array([v if isinstance(v, float) else np.nan for v in values])
    words = sorted({v for v in values if isinstance(v, str)})
    texts = np.array(
        [-2 if v is None else words.index(v) if isinstance(v, str) else -1 for v in values],
        dtype=np.int32,
    )
    return column("x", numbers, texts, words, cells=cells, support=support)


def shown(held):
    return [str(held.predicates[code]) if code != NONE else "" for code in held.codes]


def test_few_numbers_have_a_condition_each():
    assert shown(made([1.0, 2.0, 1.0])) == ["x = 1", "x = 2", "x = 1"]


def test_many_numbers_fall_in_cells_of_equal_counts():
    held = made([float(v) for v in range(100)])
    assert np.bincount(held.codes).tolist() == [25, 25, 25, 25]
    assert [str(one) for one in held.predicates] == [
        "x <= 24",
        "24 < x <= 49",
        "49 < x <= 74",
        "74 < x",
    ]


def test_kinds_mix_and_missing_and_not_a_number_are_conditions():
    values = [1.0, "a", None, float("nan"), float("inf"), 1.0]
    assert shown(made(values)) == [
        "x = 1", "x = 'a'", "x is missing", "x is not a number", "x = inf", "x = 1",
    ]  # fmt: skip


def test_rare_values_have_no_condition():
    held = made(["a", "a", "b", "b", "c", None], support=2)
    assert shown(held) == ["x = 'a'", "x = 'a'", "x = 'b'", "x = 'b'", "", ""]


def test_thousands_of_new_values_make_few_conditions():
    held = made([f"v{at}" for at in range(5000)] + ["a"] * 500, support=50)
    assert [str(one) for one in held.predicates] == ["x = 'a'"]


def test_a_value_that_fills_cells_leaves_one():
    held = made([0.0] * 90 + [float(v) for v in range(1, 11)])
    assert [str(one) for one in held.predicates] == ["x <= 0", "0 < x"]
    assert quantile_edges(np.array([2.0, 2.0]), 4).tolist() == []


@given(
    st.lists(
        st.one_of(
            st.none(),
            st.floats(allow_nan=True, allow_infinity=True),
            st.sampled_from(["a", "b", ""]),
        ),
        min_size=1,
        max_size=60,
    ),
    st.integers(2, 9),
)
def test_each_value_meets_exactly_its_condition(values, cells):
    held = made(values, cells=cells)
    assert NONE not in held.codes
    for value, code in zip(values, held.codes, strict=True):
        assert _meets(value, held.predicates[code])


def _meets(value, predicate):
    if predicate.op == "is_missing":
        return value is None
    if predicate.op == "is_nan":
        return isinstance(value, float) and np.isnan(value)
    if predicate.op == "equals":
        return value == predicate.value
    low = -np.inf if predicate.low is None else predicate.low
    high = np.inf if predicate.high is None else predicate.high
    return low <= value <= high and (predicate.low is None or value > low)


@pytest.mark.parametrize(
    ("predicate", "text"),
    [
        (Predicate("a", "equals", "b"), "a = 'b'"),
        (Predicate("a", "equals", 2.5), "a = 2.5"),
        (Predicate("a", "between", low=1.0), "1 < a"),
        (Predicate("a", "is_missing"), "a is missing"),
    ],
)
def test_conditions_read_plainly(predicate, text):
    assert str(predicate) == text


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    module = importlib.import_module(f"drift.slices.{name}")
    result = doctest.testmod(module)
    assert result.attempted
    assert not result.failed
