"""Raw values: all of them, of a slice, or the same draw every time."""

import math

import numpy as np
import pytest

from drift.references import Slice
from drift.samples import Samples
from tests.drift.worlds import HOUR_NS, SECOND_NS, decide, decision, decisions

MODEL = ("school-a", "grader")


@pytest.fixture
def start(parts, clock):
    """Decisions of two tenants; gives when the first was made."""
    start = clock.now_ns - HOUR_NS
    rows = decisions(
        start,
        30,
        SECOND_NS,
        lambda i: {"x": float(i), "subject": "maths" if i % 3 else "art"},
        embeddings={"essay": [1.0, 2.0, 3.0]},
    )
    for row in rows[:10]:
        row["route"] = "human"
    odd = {"x": math.nan}, {"x": math.inf}, {"x": "text"}, {}
    rows += [decision(start + SECOND_NS, features=features) for features in odd]
    rows[0]["embeddings"] = {"essay": [1.0, 2.0]}
    rows[1]["embeddings"] = {"essay": [1.0, math.nan, 2.0]}
    rows.append(decision(start, features={"x": 99.0}, tenant="school-b"))
    decide(parts.store, rows)
    decide(parts.store, rows[:5])
    return start


def test_numbers_come_as_they_were_sent_and_once(parts, start):
    found = Samples(parts).numbers(*MODEL, "x", start, start + HOUR_NS)
    assert np.isnan(found).sum() == 1
    assert np.isposinf(found).sum() == 1
    assert sorted(found[np.isfinite(found)]) == [float(i) for i in range(30)]
    assert Samples(parts).numbers(*MODEL, "y", start, start + HOUR_NS).shape == (0,)
    assert Samples(parts).numbers(*MODEL, "x", start - 9, start).shape == (0,)


def test_texts(parts, start):
    found = Samples(parts).texts(*MODEL, "subject", start, start + HOUR_NS)
    assert (found.count("maths"), found.count("art")) == (20, 10)
    assert Samples(parts).texts(*MODEL, "x", start, start + HOUR_NS) == ["text"]


@pytest.mark.parametrize(
    ("slice_", "expected"),
    [
        (Slice("route", "human"), range(10)),
        (Slice("feature:subject", "art"), range(0, 30, 3)),
        (Slice("feature:subject", "no such"), []),
        (Slice("environment", "production"), range(30)),
    ],
)
def test_a_slice(parts, start, slice_, expected):
    found = Samples(parts).numbers(*MODEL, "x", start, start + HOUR_NS, slice_)
    assert sorted(found[np.isfinite(found)]) == [float(i) for i in expected]


def test_a_draw_is_the_same_every_time_and_for_every_feature(parts, start):
    samples = Samples(parts)
    drawn = samples.numbers(*MODEL, "x", start, start + HOUR_NS, limit=12)
    again = samples.numbers(*MODEL, "x", start, start + HOUR_NS, limit=12)
    assert drawn.size == 12
    np.testing.assert_array_equal(drawn, again)
    table = samples.rows(*MODEL, start, start + HOUR_NS, ["x", "subject"], limit=12)
    held = [one for one in table.column("number:x").to_pylist() if one is not None]
    # Decisions without the feature are drawn here too; those with it are the same in both.
    assert {one for one in held if math.isfinite(one)} <= set(drawn)


def test_vectors_of_the_usual_length(parts, start):
    found = Samples(parts).vectors(*MODEL, "essay", start, start + HOUR_NS)
    assert found.dtype == np.float32
    assert found.tolist() == [[1.0, 2.0, 3.0]] * 28
    human = Samples(parts).vectors(*MODEL, "essay", start, start + HOUR_NS, Slice("route", "human"))
    assert human.shape == (8, 3)
    assert Samples(parts).vectors(*MODEL, "no such", start, start + HOUR_NS).shape == (0, 0)


def test_rows_have_nothing_where_there_is_nothing(parts, start):
    table = Samples(parts).rows(*MODEL, start, start + HOUR_NS, ["x", "subject", "@outcome"])
    assert table.num_rows == 34
    by_id = {
        (x, text, subject)
        for x, text, subject in zip(
            table.column("number:x").to_pylist(),
            table.column("text:x").to_pylist(),
            table.column("text:subject").to_pylist(),
            strict=True,
        )
    }
    assert (None, "text", None) in by_id
    assert (None, None, None) in by_id
    assert (3.0, None, "art") in by_id
    assert set(table.column("text:@outcome").to_pylist()) == {None}
    assert set(table.column("route").to_pylist()) == {"", "human"}
