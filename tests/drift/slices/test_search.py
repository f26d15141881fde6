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
