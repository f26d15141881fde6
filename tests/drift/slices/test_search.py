"""The search gives exactly what trying every slice gives."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drift.slices.columns import Column
from drift.slices.engine.processor import ProcessorEngine
from drift.slices.predicates import Predicate
from drift.slices.score import Score
from drift.slices.search import Search
from drift.slices.table import table


def columns_of(codes):
    """Make columns of a matrix of small integers, each a value of its own."""
    return [
        Column(
            f"f{number:02}",
            np.asarray(column, dtype=np.int32),
            tuple(
                Predicate(f"f{number:02}", "equals", float(code))
                for code in range(int(np.max(column, initial=0)) + 1)
            ),
        )
        for number, column in enumerate(np.asarray(codes).T)
    ]


def searched(codes, errors, *, alpha, support, k, level_max, threads=1, **more):
    made = table(columns_of(codes), errors, support=support)
    score = Score(made.rows, made.errors.total, alpha, support)
    with ProcessorEngine(made.bitmaps, threads=threads) as engine:
        search = Search(engine, score, made.feature_of, k=k, level_max=level_max, **more)
        found = search.run(made.basic)
    shown = [
        (
            tuple((made.predicates[at].feature, made.predicates[at].value) for at in one.members),
            one.size,
            one.error,
            one.score,
        )
        for one in found
    ]
    return shown, search.tally, made


def brute_force(codes, errors, made, *, alpha, support, k, level_max, minimal):
    """Score every conjunction there is, by the formula as the paper writes it."""
    codes, units = np.asarray(codes), made.errors.units
    rows, mean = len(units), units.mean()
    names = [f"f{number:02}" for number in range(codes.shape[1])]
    sizes, scored = {(): rows}, []
    for level in range(1, level_max + 1):
        for features in itertools.combinations(range(codes.shape[1]), level):
            for values in itertools.product(*(range(int(codes[:, f].max()) + 1) for f in features)):
                mask = np.all(codes[:, features] == values, axis=1)
                size, error = int(mask.sum()), int(units[mask].sum())
                key = tuple((names[f], float(v)) for f, v in zip(features, values, strict=True))
                sizes[key] = size
                if size < support or error == 0:
                    continue
                shorter = itertools.combinations(key, level - 1)
                if size == rows or (minimal and any(sizes[one] == size for one in shorter)):
                    continue
                value = alpha * (error / size / mean - 1) - (1 - alpha) * (rows / size - 1)
                if value > 1e-12:
                    scored.append((key, size, error, value))
    # Equal scores may come out a last digit apart; they are one rank.
    scored.sort(key=lambda one: (-round(one[3], 9), -one[1], len(one[0]), one[0]))
    return scored[:k]


@st.composite
def tables(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows, features = draw(st.integers(1, 120)), draw(st.integers(1, 5))
    codes = rng.integers(0, draw(st.integers(1, 4)), (rows, features))
    if features > 1 and draw(st.booleans()):
        codes[:, -1] = codes[:, 0]
    if draw(st.booleans()):
        errors = (rng.random(rows) < 0.3).astype(float)
    else:
        errors = rng.random(rows) ** 3
    return codes, errors


@settings(max_examples=150, deadline=None)
@given(
    tables(),
    st.sampled_from([0.5, 0.8, 0.95, 1.0]),
    st.integers(1, 12),
    st.integers(1, 8),
    st.integers(1, 4),
    st.booleans(),
)
def test_the_best_are_those_of_trying_all(world, alpha, support, k, level_max, minimal):
    codes, errors = world
    if errors.sum() == 0:
        return
    asked = {"alpha": alpha, "support": support, "k": k, "level_max": level_max}
    found, tally, made = searched(codes, errors, minimal=minimal, **asked)
    expected = brute_force(codes, errors, made, minimal=minimal, **asked)
    assert tally.complete
    assert [one[3] for one in found] == pytest.approx([one[3] for one in expected], rel=1e-9)
    ranked = sorted(found, key=lambda one: (-round(one[3], 9), -one[1], len(one[0]), one[0]))
    assert {one[:3] for one in ranked if not _tied(one, expected)} == {
        one[:3] for one in expected if not _tied(one, expected)
    }


def _tied(one, expected):
    """Whether it scores as the last of the best, where which of equals came in is open."""
    return bool(expected) and abs(one[3] - expected[-1][3]) < 1e-9


def _world(rows=4000, features=8, values=6, seed=11):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, values, (rows, features))
    likely = np.where((codes[:, 2] == 1) & (codes[:, 5] == 3), 0.7, 0.1)
    return codes, (rng.random(rows) < likely).astype(float)


ASKED = {"alpha": 0.95, "support": 40, "k": 5, "level_max": 3}


def test_a_planted_slice_is_first_and_little_is_evaluated():
    codes, errors = _world()
    found, tally, made = searched(codes, errors, **ASKED)
    assert found[0][0] == (("f02", 1.0), ("f05", 3.0))
    whole = len(made.predicates) + 28 * 36 + 56 * 216
    assert tally.evaluated < whole / 5
    assert tally.pruned > 0


def test_threads_change_nothing():
    codes, errors = _world()
    one, _, _ = searched(codes, errors, **ASKED)
    four, _, _ = searched(codes, errors, **ASKED, threads=4)
    assert one == four


def test_real_errors_rank_as_their_own_sums_do():
    codes, _ = _world()
    errors = np.random.default_rng(1).gamma(0.5, size=len(codes)) * (1 + (codes[:, 0] == 2))
    found, _, made = searched(codes, errors, **ASKED)
    for key, size, error, _ in found:
        mask = np.all([codes[:, int(name[1:])] == value for name, value in key], axis=0)
        assert int(mask.sum()) == size
        assert error * made.errors.unit == pytest.approx(errors[mask].sum(), rel=1e-6)


def test_a_slice_is_not_named_twice_by_conditions_that_mean_the_same():
    codes, errors = _world()
    twin = np.column_stack([codes, codes[:, 2]])
    minimal, _, _ = searched(twin, errors, **ASKED)
    every, _, _ = searched(twin, errors, **ASKED, minimal=False)
    assert not any({"f02", "f08"} <= {name for name, _ in one[0]} for one in minimal)
    assert any({"f02", "f08"} <= {name for name, _ in one[0]} for one in every)


def test_a_search_stops_at_its_limit_and_says_so():
    codes, errors = _world(values=12)
    found, tally, _ = searched(
        codes, np.ones_like(errors) * errors, alpha=1.0, support=1, k=5, level_max=3,
        evaluated_max=300,
    )  # fmt: skip
    assert not tally.complete
    assert tally.evaluated <= 300
    assert found


def test_small_chunks_of_pairs_lose_nothing(monkeypatch):
    codes, errors = _world(rows=800, features=6)
    whole, _, _ = searched(codes, errors, **ASKED)
    monkeypatch.setattr("drift.slices.lattice.candidates.__defaults__", (7,))
    assert searched(codes, errors, **ASKED)[0] == whole


@pytest.mark.parametrize("errors", [np.zeros(50), np.ones(50)])
def test_errors_all_alike_have_no_slice(errors):
    codes = np.random.default_rng(0).integers(0, 3, (50, 3))
    made = table(columns_of(codes), errors, support=2)
    if made.errors.total:
        assert searched(codes, errors, alpha=0.95, support=2, k=3, level_max=2)[0] == []
    else:
        assert made.predicates == ()


def test_no_rows_and_no_columns_have_no_slice():
    assert table([], np.zeros(0), support=1).predicates == ()
    made = table([], np.ones(5), support=1)
    score = Score(5, made.errors.total, 0.95, 1)
    with ProcessorEngine(made.bitmaps) as engine:
        assert Search(engine, score, made.feature_of).run(made.basic) == []


@pytest.mark.parametrize(
    ("change", "named"),
    [({"k": 0}, "k is 0"), ({"level_max": 0}, "level_max is 0"), ({"level_max": 40}, "level_max")],
)
def test_a_wrong_search_is_refused_by_name(change, named):
    codes, errors = _world(rows=100, features=6)
    with pytest.raises(ValueError, match=named):
        searched(codes, errors, **(ASKED | {"support": 2} | change))


@pytest.mark.parametrize(
    ("change", "named"), [({"alpha": 0}, "alpha"), ({"support": 0}, "support")]
)
def test_a_wrong_score_is_refused_by_name(change, named):
    with pytest.raises(ValueError, match=named):
        Score(**({"rows": 10, "total": 1, "alpha": 0.9, "support": 1} | change))


def test_columns_of_another_length_are_refused():
    with pytest.raises(ValueError, match="3 rows and errors 2"):
        table(columns_of([[1], [2], [3]]), [1.0, 0.0], support=1)
