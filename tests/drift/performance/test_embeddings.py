"""Monitors of embeddings over a real store."""

import numpy as np
import pytest

from drift.hours import Hours
from drift.monitors.catalog import KINDS
from drift.monitors.monitor import Monitor
from drift.performance.vectors import Stretch, VectorReader
from drift.references import Baseline, Definition, References
from sql.errors import InvalidInputError
from tests.drift.worlds import DAY_NS, HOUR_NS, decide, decision, drift_parts

LENGTH = 8


@pytest.fixture
def now(clock):
    return clock() // DAY_NS * DAY_NS


def say(parts, start_ns, vectors, name="essay", **more):
    """Store a decision a vector, over an hour."""
    every = HOUR_NS // max(1, len(vectors))
    rows = [
        decision(start_ns + at * every, embeddings={name: vector.tolist()}, outcome="A", **more)
        for at, vector in enumerate(vectors)
    ]
    decide(parts.store, rows)


def monitor(**more):
    named = {"id": "m", "tenant": "school-a", "model": "grader", "reference": "base"}
    return Monitor(**(named | {"kind": "embedding"} | more))


@pytest.fixture
def rng(parts, now):
    """A reference of 300 vectors."""
    rng = np.random.default_rng(1)
    say(parts, now - DAY_NS, rng.normal(size=(300, LENGTH)))
    define(parts, now)
    return rng


def define(parts, now, **more):
    asked = Definition("school-a", "base", "grader", now - DAY_NS, now - DAY_NS + HOUR_NS, **more)
    return References(parts).define(asked, "ann")


def judge(parts, watched, start_ns):
    return KINDS["embedding"](parts).evaluate(watched, start_ns, start_ns + HOUR_NS)


def test_vectors_that_moved_are_found_and_the_same_ones_are_not(parts, rng, now):
    say(parts, now - 3 * HOUR_NS, rng.normal(size=(250, LENGTH)))
    say(parts, now - 2 * HOUR_NS, rng.normal(0.7, 1, size=(250, LENGTH)))
    for statistic in ("", "mmd", "domain_classifier", "mean_shift"):
        watched = monitor(statistic=statistic)
        [same] = judge(parts, watched, now - 3 * HOUR_NS)
        [moved] = judge(parts, watched, now - 2 * HOUR_NS)
        assert (same.feature, same.statistic) == ("essay", statistic or "mmd")
        assert (same.n_reference, same.n_current, same.traffic_share) == (300, 250, 1.0)
        assert (same.reference_id, same.reference_version) == ("base", 1)
        assert same.p_value > 0.005
        assert not (same.matters and same.p_value < 0.05)
        assert moved.matters
        assert moved.p_value <= 0.005
        assert moved.low <= moved.estimate <= moved.high
        assert moved.method["length"] == LENGTH
        if statistic == "mmd":
            assert moved.method["engine"] == "numpy"
            assert "for which a GPU pays" in moved.method["engine_reason"]
        assert judge(parts, watched, now - 2 * HOUR_NS) == [moved]


def test_a_difference_the_mean_does_not_show(parts, rng, now):
    wider = rng.normal(0, 1.6, size=(250, LENGTH))
    say(parts, now - 2 * HOUR_NS, wider - wider.mean(axis=0))
    [found] = judge(parts, monitor(), now - 2 * HOUR_NS)
    assert found.matters
    [mean] = judge(parts, monitor(statistic="mean_shift"), now - 2 * HOUR_NS)
    assert not mean.matters or mean.p_value > 0.01


def test_slices_and_several_embeddings(parts, rng, now):
    say(parts, now - DAY_NS, rng.normal(size=(200, 4)), name="question")
    say(parts, now - 2 * HOUR_NS, rng.normal(size=(150, LENGTH)), route="auto")
    say(parts, now - 2 * HOUR_NS, rng.normal(2, 1, size=(50, LENGTH)), route="human")
    say(parts, now - DAY_NS, rng.normal(size=(120, LENGTH)), route="human")
    found = {
        (one.feature, one.value): one
        for one in judge(parts, monitor(slices=("route",)), now - 2 * HOUR_NS)
    }
    assert set(found) == {
        (name, value) for name in ("essay", "question") for value in ("", "auto", "human")
    }
    human = found["essay", "human"]
    assert human.matters
    assert (human.n_reference, human.n_current) == (120, 50)
    assert human.traffic_share == pytest.approx(0.25)
    assert "baseline has 0" in found["essay", "auto"].unable
    assert "window has 0" in found["question", ""].unable
    only = judge(parts, monitor(features=("essay", "absent")), now - 2 * HOUR_NS)
    assert [one.feature for one in only] == ["absent", "essay"]
    assert "0 vectors" in only[0].unable


def test_another_length_is_another_model(parts, rng, now):
    say(parts, now - 2 * HOUR_NS, rng.normal(size=(80, 5)))
    say(parts, now - 2 * HOUR_NS, rng.normal(size=(60, LENGTH)))
    [found] = judge(parts, monitor(), now - 2 * HOUR_NS)
    assert found.unable == ("vectors have 5 numbers, those of the baseline 8: another model embeds")


def test_constant_missing_infinite_and_few_vectors(parts, rng, now):
    odd = rng.normal(size=(100, LENGTH))
    odd[:40, 0] = np.inf
    odd[40:60, 1] = np.nan
    say(parts, now - 2 * HOUR_NS, odd)
    decide(parts.store, [decision(now - 2 * HOUR_NS, embeddings={"essay": []})])
    [few] = judge(parts, monitor(), now - 2 * HOUR_NS)
    assert few.unable == "the window has 40 vectors; it takes 50"
    [enough] = judge(parts, monitor(rows_min=30), now - 2 * HOUR_NS)
    assert enough.unable == ""
    assert enough.method["left_out"] == 60
    say(parts, now - 4 * HOUR_NS, np.ones((60, LENGTH)))
    for statistic in ("mmd", "domain_classifier", "mean_shift"):
        [constant] = judge(parts, monitor(statistic=statistic), now - 4 * HOUR_NS)
        assert np.isfinite([constant.estimate, constant.p_value]).all()
        assert constant.p_value < 0.01


def test_what_cannot_be_judged_is_refused(parts, rng, now):
    with pytest.raises(InvalidInputError, match="no decisions"):
        judge(parts, monitor(), now - 2 * HOUR_NS)
    decide(parts.store, [decision(now - 2 * HOUR_NS, model="bare")])
    with pytest.raises(InvalidInputError, match="'grader'"):
        judge(parts, monitor(model="bare"), now - 2 * HOUR_NS)
    with pytest.raises(InvalidInputError, match="mmd, domain_classifier, mean_shift"):
        judge(parts, monitor(statistic="psi"), now - 2 * HOUR_NS)
    decide(parts.store, [decision(now - 2 * HOUR_NS)])
    with pytest.raises(InvalidInputError, match="feature:<name of a text>"):
        judge(parts, monitor(slices=("words",)), now - 2 * HOUR_NS)


def test_a_rolling_baseline_is_the_days_before(parts, now):
    rng = np.random.default_rng(3)
    say(parts, now - DAY_NS, rng.normal(3, 1, size=(200, LENGTH)))
    define(parts, now, baseline=Baseline("rolling", days=1))
    say(parts, now - 2 * HOUR_NS, rng.normal(3, 1, size=(100, LENGTH)), tenant="school-b")
    say(parts, now, rng.normal(size=(100, LENGTH)))
    say(parts, now + 2 * HOUR_NS, rng.normal(size=(100, LENGTH)))
    [first] = judge(parts, monitor(), now)
    assert (first.n_reference, first.n_current) == (200, 100)
    assert first.matters
    [second] = judge(parts, monitor(), now + 2 * HOUR_NS)
    assert second.n_reference == 100


def test_a_sample_is_bounded_and_always_the_same(parts, clock, now):
    few = drift_parts(parts.store, clock, embedding_rows_max=50)
    rng = np.random.default_rng(4)
    say(parts, now, rng.normal(size=(400, 3)))
    # One decision sent twice is one vector.
    twice = decision(now, decision_id="twice", embeddings={"essay": [1.0, 2.0, 3.0]})
    decide(parts.store, [twice, {**twice, "source": "log"}])
    stretch = Stretch("school-a", "grader", Hours.around(now, now + HOUR_NS))
    reader = VectorReader(few)
    assert reader.counts(stretch) == (401, {"essay": 401})
    [drawn] = reader.read(stretch, "essay", 401)
    assert 30 <= len(drawn) <= 50
    assert len(np.unique(drawn, axis=0)) == len(drawn)
    np.testing.assert_array_equal(reader.read(stretch, "essay", 401)[0], drawn)
    neighbour = Stretch("school-b", "grader", stretch.hours)
    assert reader.counts(neighbour) == (0, {})
    assert reader.read(neighbour, "essay", 0) == []


def test_the_reference_is_judged_by_its_own_windows(parts, now):
    rng = np.random.default_rng(5)
    for hour in range(6):
        say(parts, now - DAY_NS + hour * HOUR_NS, rng.normal(size=(60, LENGTH)))
    say(parts, now - DAY_NS + 6 * HOUR_NS, rng.normal(2, 1, size=(60, LENGTH)))
    asked = Definition("school-a", "base", "grader", now - DAY_NS, now - DAY_NS + 8 * HOUR_NS)
    References(parts).define(asked, "ann")
    windows = dict(KINDS["embedding"](parts).on_reference(monitor()))
    assert list(windows) == [now - DAY_NS + hour * HOUR_NS for hour in range(7)]
    found = [one for [one] in windows.values()]
    assert {(one.n_reference, one.n_current) for one in found} == {(360, 60)}
    assert found[-1].matters
    assert found[-1].low > max(one.high for one in found[:-1])


def test_one_region_moves_and_only_that_one_drifts(parts, now, monkeypatch):
    rng = np.random.default_rng(6)
    regions = ("north", "south", "east")
    for region in regions:
        for name in ("essay", "question"):
            here = {"features": {"region": region}, "name": name}
            say(parts, now - DAY_NS, rng.normal(size=(150, LENGTH)), **here)
            moved = 1.5 if (region, name) == ("south", "essay") else 0.0
            say(parts, now - 2 * HOUR_NS, rng.normal(moved, 1, size=(80, LENGTH)), **here)
    neighbour = {"features": {"region": "west"}, "tenant": "school-b"}
    say(parts, now - 2 * HOUR_NS, rng.normal(size=(80, LENGTH)), **neighbour)
    define(parts, now)
    counted, counts = [], VectorReader.counts
    monkeypatch.setattr(
        VectorReader, "counts", lambda self, asked: counted.append(asked) or counts(self, asked)
    )
    found = judge(parts, monitor(slices=("feature:region",)), now - 2 * HOUR_NS)
    slices = {(one.feature, one.value): one for one in found if one.dimension}
    assert {one.dimension for one in slices.values()} == {"feature:region"}
    assert set(slices) == {(name, value) for name in ("essay", "question") for value in regions}
    drifted = {key for key, one in slices.items() if one.matters and one.p_value < 0.01}
    assert drifted == {("essay", "south")}
    south = slices["essay", "south"]
    assert (south.n_reference, south.n_current) == (150, 80)
    assert south.traffic_share == pytest.approx(1 / 3)
    # Every stretch is counted once, however many embeddings it has.
    assert len(counted) == len(set(counted)) == 2 * (1 + len(regions))
