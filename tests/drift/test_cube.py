"""The cube: exact counts by codes that are the library's, of slices that add up."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drift import codes
from drift.counting import REST, Counting
from drift.cube import Cube, CubeJob
from drift.references import Baseline, FeatureReference, Key, Reference, References, Slice
from tests.drift.counted import define, reference_rows, total
from tests.drift.worlds import DAY_NS, HOUR_NS, SECOND_NS, decide, decision, decisions, drift_parts


def test_every_hour_is_counted_and_hours_add_up(parts, clock):
    decide(parts.store, reference_rows(clock))
    made = define(parts, clock)
    rng = np.random.default_rng(1)
    values = rng.normal(50, 40, 200)
    start = clock.now_ns - 10 * HOUR_NS
    rows = decisions(start, 200, 180 * SECOND_NS, lambda i: {"x": values[i]})
    rows.append(decision(start, features={"y": 1.0}))
    decide(parts.store, rows)
    clock.step(seconds=60)
    CubeJob(parts).run()
    cube = Cube(parts)
    held = cube.window(made, start, clock.now_ns)[Key("x")]
    expected = codes.counted(codes.of_numbers(values, made.features["x"].edges))
    expected[codes.MISSING] = 1
    assert held.counts.tolist() == expected.tolist()
    assert held.mean == pytest.approx(values.mean(), rel=1e-12)
    assert held.deviation == pytest.approx(values.std(ddof=1), rel=1e-12)
    hours = cube.hours(made, start, clock.now_ns)[Key("x")]
    assert sorted(hours) == [start + i * HOUR_NS for i in range(10)]
    assert sum(one.total for one in hours.values()) == 201
    days = cube.hours(made, start, clock.now_ns, step_s=6 * 3600)[Key("x")]
    assert [days[at].total for at in sorted(days)] == [121, 80]


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    numbers=st.lists(
        st.one_of(
            st.floats(allow_nan=True, allow_infinity=True),
            st.sampled_from([0.0, -0.0, 1.0, math.nextafter(1.0, 0), 5e-324, 1.7e308]),
            st.none(),
            st.sampled_from(["maths", "art", "art", "no such", ""]),
        ),
        min_size=1,
        max_size=60,
    ),
    edges=st.lists(
        st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from([0.0, 1.0])),
        max_size=20,
        unique=True,
    ),
)
def test_codes_of_the_engine_are_those_of_the_library(parts, clock, numbers, edges):
    """Same cell for every number there is, missing, unseen and of the wrong kind included."""
    edges = sorted(edges)
    for name in ("reference_features", "feature_cube", "decisions"):
        parts.store.run_text(f"TRUNCATE TABLE {name}", tag="tests")
    start = clock.now_ns - HOUR_NS
    rows = [
        decision(start + i, features={} if value is None else {"x": value, "word": value})
        for i, value in enumerate(numbers)
    ]
    decide(parts.store, rows)
    made = _reference_with(parts, clock, edges, ("art", "maths"))
    Counting(parts).count(made, [start // SECOND_NS])
    found = Cube(parts).window(made, start, clock.now_ns)
    texts = [value for value in numbers if isinstance(value, str)]
    floats = [value for value in numbers if isinstance(value, float)]
    expected = codes.counted(codes.of_numbers(np.array(floats), edges))
    expected[codes.WRONG_KIND] = len(texts)
    expected[codes.MISSING] = numbers.count(None)
    assert found[Key("x")].counts.tolist() == expected.tolist()
    word = np.zeros(codes.CODES, dtype=np.int64)
    word[0], word[1] = texts.count("art"), texts.count("maths")
    word[codes.UNSEEN] = len(texts) - word[0] - word[1]
    word[codes.WRONG_KIND] = len(floats)
    word[codes.MISSING] = numbers.count(None)
    assert found[Key("word")].counts.tolist() == word.tolist()
    assert found[Key("gone")].counts.tolist()[codes.MISSING] == len(numbers)
    finite = [value for value in floats if math.isfinite(value)]
    assert found[Key("x")].numbers == len(finite)
    if finite:
        assert (found[Key("x")].least, found[Key("x")].greatest) == (min(finite), max(finite))


def _reference_with(parts, clock, edges, categories):
    """Make a reference of three features by hand."""
    features = {
        "x": FeatureReference("x", "number", edges=tuple(edges)),
        "word": FeatureReference("word", "text", categories=categories),
        "gone": FeatureReference("gone", "number", edges=(1.0,)),
    }
    for one in features.values():
        row = {
            "tenant": "school-a",
            "reference_id": "made",
            "version": 1,
            "feature": one.feature,
            "kind": one.kind,
            "edges": list(one.edges),
            "categories": list(one.categories),
            "created_at": clock.now_ns,
        }
        parts.store.insert("reference_features", [row])
    return Reference("school-a", "made", 1, "grader", 0, clock.now_ns, Baseline(), (), features)


def test_slices_add_up_and_the_rest_is_one(drift_store, clock):
    parts = drift_parts(drift_store, clock, slice_values_max=3)
    decide(drift_store, reference_rows(clock, model_version="1"))
    made = define(parts, clock, dimensions=("model_version", "feature:subject"))
    start = clock.now_ns - 5 * HOUR_NS
    rows = []
    for version in range(1, 9):
        rows += decisions(
            start + version,
            10 * version,
            SECOND_NS,
            lambda i: {"x": 1.0, "subject": "maths"},
            model_version=str(version),
        )
    decide(drift_store, rows)
    clock.step(seconds=60)
    CubeJob(parts).run()
    found = Cube(parts).window(made, start, clock.now_ns)
    versions = {
        key.value: cells.total for key, cells in found.items() if key.dimension == "model_version"
    }
    # Version 1 was a slice of the reference; of the others the most frequent came in.
    assert versions == {"1": 10, "8": 80, "7": 70, REST: 200}
    assert found[Key("x")].total == 360
    assert found[Key("x", "feature:subject", "maths")].total == 360
    only = Cube(parts).window(
        made, start, clock.now_ns, features=["x"], slices=[Slice("model_version", "8")]
    )
    assert list(only) == [Key("x", "model_version", "8")]


def test_versions_and_tenants_do_not_mix(parts, clock):
    decide(parts.store, reference_rows(clock))
    decide(parts.store, reference_rows(clock, tenant="school-b"))
    first = define(parts, clock)
    other = define(parts, clock, tenant="school-b")
    start = clock.now_ns - 2 * HOUR_NS
    decide(parts.store, decisions(start, 3, SECOND_NS, lambda i: {"x": 1.0}))
    job, cube = CubeJob(parts), Cube(parts)
    job.run()
    second = define(parts, clock, cells=10)
    clock.step(seconds=1)
    decide(parts.store, decisions(start, 2, 1, lambda i: {"x": 1.0}, received_ns=clock.now_ns))
    job.run()
    assert total(cube, first, clock) == 3
    assert total(cube, second, clock) == 5
    assert total(cube, other, clock) == 0
    assert References(parts).counts(other)[Key("x")].total == 100


def test_baselines_that_move(parts, clock):
    """Values say which day they come from."""
    references = References(parts)
    now = clock.now_ns
    for day in range(22):
        at = now - day * DAY_NS - HOUR_NS
        decide(parts.store, [decision(at, features={"x": float(day)}) for _ in range(day + 1)])
    asked = {"from_ns": now - 22 * DAY_NS, "to_ns": now}
    fixed = define(parts, clock, **asked)
    rolling = define(parts, clock, id="rolling", baseline=Baseline("rolling", days=7), **asked)
    seasonal = define(parts, clock, id="weeks", baseline=Baseline("seasonal", weeks=3), **asked)
    window = (now - HOUR_NS, now)
    held = references.baseline(fixed, *window)[Key("x")]
    assert held.total == sum(range(1, 23))
    held = references.baseline(rolling, *window)[Key("x")]
    assert (held.least, held.greatest, held.total) == (1, 7, sum(range(2, 9)))
    held = references.baseline(seasonal, *window)[Key("x")]
    assert (held.least, held.greatest, held.total) == (7, 21, 8 + 15 + 22)
    # A window longer than a season has nothing of itself to be compared with.
    held = references.baseline(seasonal, now - 8 * DAY_NS, now)[Key("x")]
    assert held.least >= 8


def test_a_window_without_traffic_is_empty(parts, clock):
    decide(parts.store, reference_rows(clock))
    made = define(parts, clock)
    CubeJob(parts).run()
    cube = Cube(parts)
    assert cube.window(made, clock.now_ns - HOUR_NS, clock.now_ns) == {}
    assert cube.hours(made, clock.now_ns - HOUR_NS, clock.now_ns) == {}
