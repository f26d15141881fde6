"""What all statistics of vectors promise: level, power both ways, bad input."""

import math

import numpy as np
import pytest

from drift.statistics.domain_classifier import domain_classifier
from drift.statistics.lsdd import lsdd
from drift.statistics.mean_shift import mean_shift
from drift.statistics.mmd import mmd

ALL = {one.__name__: one for one in (mmd, lsdd, domain_classifier, mean_shift)}
#: What no drift looks like.
NONE = {"domain_classifier": 0.5}

each = pytest.mark.parametrize("name", sorted(ALL))


def call(name, *samples, **options):
    return ALL[name](*samples, **({"permutations": 99} | options))


@each
@pytest.mark.parametrize(("n", "m", "d"), [(40, 40, 2), (120, 20, 3), (30, 30, 60)])
def test_rejects_as_often_as_stated_without_drift(name, n, m, d):
    rng = np.random.default_rng(sum(map(ord, name)) + n)
    p = np.array(
        [
            call(name, rng.normal(size=(n, d)), rng.normal(size=(m, d)), seed=run).p_value
            for run in range(200)
        ]
    )
    # Beyond these bounds once in 1,000 for a test that keeps its level.
    assert (p <= 0.05).mean() <= 0.105
    assert 0.4 <= (p <= 0.5).mean() <= 0.62


@each
def test_ties_keep_the_level(name):
    rng = np.random.default_rng(1)
    p = [
        call(name, rng.integers(0, 2, (40, 2)), rng.integers(0, 2, (30, 2)), seed=run).p_value
        for run in range(150)
    ]
    assert np.mean(np.array(p) <= 0.05) <= 0.11


@each
@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize("sizes", [(200, 200), (500, 60), (60, 500)])
def test_finds_a_moved_mean_in_both_directions(name, sign, sizes):
    rng = np.random.default_rng(2)
    reference, current = (rng.normal(size=(size, 3)) for size in sizes)
    result = call(name, reference, current + sign * 0.8)
    assert result.p_value == 0.01
    assert result.low > NONE.get(name, 0.0)


@pytest.mark.parametrize("name", ["mmd", "lsdd", "domain_classifier"])
@pytest.mark.parametrize("scale", [0.6, 1.6])
def test_finds_a_spread_that_changed(name, scale):
    rng = np.random.default_rng(3)
    result = call(name, rng.normal(size=(300, 2)), scale * rng.normal(size=(300, 2)))
    assert result.p_value == 0.01


@pytest.mark.parametrize("name", ["mmd", "lsdd", "domain_classifier"])
def test_finds_a_correlation_that_no_column_shows(name):
    rng = np.random.default_rng(4)
    one = rng.normal(size=(400, 2))
    one[:, 1] = 0.7 * one[:, 0] + math.sqrt(0.51) * one[:, 1]
    assert call(name, rng.normal(size=(400, 2)), one).p_value == 0.01


@each
def test_the_same_rows_on_both_sides_show_nothing(name):
    rows = np.random.default_rng(5).normal(size=(80, 3))
    result = call(name, rows, rows)
    assert result.p_value > 0.5
    assert result.estimate <= NONE.get(name, 0.0) + 1e-9


@each
def test_is_reproduced_by_its_seed(name):
    rng = np.random.default_rng(6)
    samples = rng.normal(size=(60, 3)), rng.normal(0.3, 1, size=(50, 3))
    first = call(name, *samples, seed=1)
    assert first == call(name, *samples, seed=1)
    assert first.p_value != call(name, *samples, seed=2).p_value


@each
def test_constant_columns_and_constant_rows(name):
    rng = np.random.default_rng(7)
    rows, later = rng.normal(size=(60, 2)), rng.normal(1.5, 1, size=(50, 2))
    padded = call(name, np.column_stack([rows, np.ones(60)]), np.column_stack([later, np.ones(50)]))
    assert padded.p_value == 0.01
    assert call(name, np.ones((20, 2)), np.ones((30, 2))).p_value == 1.0
    apart = call(name, np.zeros((20, 2)), np.ones((30, 2)))
    assert apart.p_value == 0.01
    assert math.isfinite(apart.estimate)


@each
def test_rows_that_are_not_finite_are_counted_out(name):
    rng = np.random.default_rng(8)
    rows, later = rng.normal(size=(30, 2)), rng.normal(size=(30, 2))
    broken = np.vstack([rows, [[np.nan, 1.0], [np.inf, 0.0]]])
    result, whole = call(name, broken, later), call(name, rows, later)
    assert result.n_reference == 30
    assert result.method["left_out"] == 2
    assert (result.estimate, result.p_value) == (whole.estimate, whole.p_value)


@each
def test_one_dimension_and_single_precision(name):
    rng = np.random.default_rng(9)
    rows, later = rng.normal(size=50).astype(np.float32), rng.normal(1, 1, 40).astype(np.float32)
    flat, column = call(name, rows, later), call(name, rows[:, None], later[:, None])
    assert flat == column
    assert flat.p_value <= 0.03


@each
def test_huge_and_tiny_numbers(name):
    rng = np.random.default_rng(10)
    rows, later = rng.normal(size=(50, 2)), rng.normal(2, 1, size=(40, 2))
    for scale in (1e-9, 1e9):
        assert call(name, rows * scale, later * scale).p_value == 0.01


@each
def test_few_rows_of_many_columns(name):
    rng = np.random.default_rng(11)
    result = call(name, rng.normal(size=(6, 300)), rng.normal(size=(5, 300)))
    assert 0 < result.p_value <= 1
    assert math.isfinite(result.estimate)


@each
@pytest.mark.parametrize(
    ("reference", "current", "message"),
    [
        (np.zeros((0, 2)), np.zeros((9, 2)), "reference has 0 finite rows"),
        (np.zeros((1, 2)), np.zeros((9, 2)), "reference has 1 finite rows"),
        (np.zeros((9, 2)), np.full((9, 2), np.nan), "current has 0 finite rows"),
        (np.zeros((9, 2)), np.zeros((9, 3)), "2 columns and current 3"),
        ([["a"], [1]], np.zeros((9, 1)), "reference must hold numbers"),
        (np.zeros((9, 1)), [[1], [2, 3]], "current must hold numbers"),
        (np.zeros((9, 2, 1)), np.zeros((9, 2)), "reference must be rows"),
        (np.zeros((9, 0)), np.zeros((9, 0)), "reference must be rows"),
    ],
)
def test_refuses_samples(name, reference, current, message):
    with pytest.raises(ValueError, match=message):
        call(name, reference, current)


@each
@pytest.mark.parametrize("options", [{"permutations": -1}, {"permutations": 10**6}, {"level": 1.0}])
def test_refuses_settings(name, options):
    with pytest.raises(ValueError, match=f"{next(iter(options))} must be"):
        call(name, np.arange(9.0), np.arange(9.0), **options)
