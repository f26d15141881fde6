"""Monitors of performance and calibration over a real store."""

import numpy as np
import pytest

from drift.labels import Label, Labels
from drift.monitors.catalog import KINDS
from drift.monitors.monitor import Monitor
from drift.references import Definition, References
from sql.errors import InvalidInputError, NotFoundError
from tests.drift.performance.models import draw, store
from tests.drift.worlds import DAY_NS, drift_parts

STATISTICS = {"residual", "estimated_loss", "realised_loss"}


def monitor(kind="performance", **more):
    named = {"id": "m", "tenant": "school-a", "model": "loan", "window": "1d", "reference": "base"}
    return Monitor(**(named | {"kind": kind} | more))


def label(parts, labels, tenant="school-a"):
    Labels(parts).put(tenant, [Label(name, what) for name, what in labels], key_id="k")


@pytest.fixture
def now(clock):
    return clock() // DAY_NS * DAY_NS


@pytest.fixture
def world(parts, now):
    """Four labelled days of a reference."""
    rng = np.random.default_rng(1)
    start = now - 10 * DAY_NS
    label(parts, store(parts, "base", start, start + 4 * DAY_NS, draw(rng, 2000)))
    References(parts).define(
        Definition("school-a", "base", "loan", start, start + 4 * DAY_NS), "ann"
    )
    return rng


def judge(parts, watched, now, days_ago=1):
    start = now - days_ago * DAY_NS
    found = KINDS[watched.kind](parts).evaluate(watched, start, start + DAY_NS)
    return {(one.statistic, one.dimension, one.value): one for one in found}


def test_concept_drift_is_found_by_what_takes_labels(parts, world, now):
    labels = store(parts, "turn", now - DAY_NS, now, draw(world, 1500, flipped=0.4))
    early = judge(parts, monitor(), now)
    assert {name for name, *_ in early} == STATISTICS
    assert early["residual", "", ""].unable == "the window has 0 labels; it takes 50"
    assert not early["estimated_loss", "", ""].matters
    label(parts, labels)
    late = judge(parts, monitor(), now)
    for statistic in ("residual", "realised_loss"):
        found = late[statistic, "", ""]
        assert (found.feature, found.n_reference, found.n_current) == ("@accuracy", 2000, 1500)
        assert (found.reference_id, found.reference_version) == ("base", 1)
        assert found.matters
        assert found.p_value < 1e-6
        assert found.traffic_share == 1
    assert late["estimated_loss", "", ""].estimate == early["estimated_loss", "", ""].estimate
    [change] = judge(parts, monitor("calibration"), now).values()
    assert (change.feature, change.statistic) == ("@calibration", "calibration_change")
    assert change.matters
    assert change.p_value < 1e-6


def test_covariate_shift_leaves_what_confidence_means(parts, world, now):
    label(parts, store(parts, "shift", now - DAY_NS, now, draw(world, 1500, shift=-2.0)))
    found = judge(parts, monitor(statistic="residual"), now)["residual", "", ""]
    assert found.p_value > 0.01
    assert not found.matters
    [change] = judge(parts, monitor("calibration"), now).values()
    assert not change.matters


def test_a_bad_slice_is_found_in_its_own_traffic(parts, world, now):
    label(parts, store(parts, "a", now - DAY_NS, now, draw(world, 1600), version="1"))
    bad = store(parts, "b", now - DAY_NS, now, draw(world, 400, flipped=0.8), version="2")
    label(parts, bad)
    start = now - 10 * DAY_NS
    label(parts, store(parts, "old", start, start + DAY_NS, draw(world, 800), version="2"))
    found = judge(parts, monitor(statistic="residual", slices=("model_version",)), now)
    assert found["residual", "model_version", "2"].matters
    assert found["residual", "model_version", "2"].traffic_share == pytest.approx(0.2)
    assert found["residual", "model_version", "2"].n_reference == 800
    assert not found["residual", "model_version", "1"].matters
    with pytest.raises(InvalidInputError, match="feature:<name of a text>"):
        judge(parts, monitor(slices=("feature:",)), now)


def test_without_a_reference_the_days_before_are_the_baseline(parts, world, now):
    label(parts, store(parts, "turn", now - DAY_NS, now, draw(world, 1500, flipped=0.4)))
    found = judge(parts, monitor(reference="", statistic="residual"), now)["residual", "", ""]
    assert (found.reference_id, found.reference_version) == ("", 0)
    assert found.n_reference == 2000
    assert found.matters


def test_what_cannot_be_judged_says_why(parts, world, now):
    with pytest.raises(InvalidInputError, match="no decisions"):
        judge(parts, monitor(), now)
    store(parts, "x", now - DAY_NS, now, draw(world, 60))
    with pytest.raises(NotFoundError):
        judge(parts, monitor(reference="gone"), now)
    with pytest.raises(InvalidInputError, match="residual, estimated_loss, realised_loss"):
        judge(parts, monitor(statistic="psi"), now)
    store(parts, "y", now - DAY_NS, now, draw(world, 60), model="bare")
    with pytest.raises(InvalidInputError, match="'loan'"):
        judge(parts, monitor(model="bare"), now)
    found = judge(parts, monitor(model="bare", reference=""), now)
    assert "0 labelled decisions" in found["residual", "", ""].unable
    assert found["residual", "", ""].p_value is None


def test_labels_of_a_neighbour_do_not_count(parts, world, now):
    mine = store(parts, "x", now - DAY_NS, now, draw(world, 100))
    label(parts, [(name, "wrong") for name, _ in mine], tenant="school-b")
    assert judge(parts, monitor(), now)["residual", "", ""].n_current == 0


def test_the_reference_is_judged_by_its_own_windows(parts, world):
    windows = list(KINDS["performance"](parts).on_reference(monitor()))
    assert len(windows) == 4
    starts = [start for start, _ in windows]
    assert np.diff(starts).tolist() == [DAY_NS] * 3
    for _, found in windows:
        assert {one.statistic for one in found} == STATISTICS
        assert {one.n_current for one in found} == {500}
        assert {one.n_reference for one in found} == {1500}
        assert not any(one.matters and one.p_value < 0.005 for one in found)
    with pytest.raises(InvalidInputError, match="no reference"):
        list(KINDS["performance"](parts).on_reference(monitor(reference="")))


def test_late_and_corrected_labels_show_as_changes(parts, world, now, clock):
    # What of a reference comes late is in test_rejudged.
    evaluator, alone = KINDS["performance"](parts), monitor(reference="")
    start = now - 2 * DAY_NS
    assert evaluator.changed(alone, start, now).newest(1, start, now) == 0
    labels = store(parts, "x", start, now, draw(world, 100))

    def newest(first, last=None):
        changed = evaluator.changed(alone, start, now)
        return changed.newest(1, first, last or first + DAY_NS)

    made = newest(start)
    assert made < newest(start + DAY_NS) < now
    clock.step(seconds=5)
    label(parts, labels[:10])
    assert newest(start) == clock()
    assert newest(start + DAY_NS) < now
    clock.step(seconds=5)
    label(parts, labels[:10])
    assert newest(start) == clock() - 5 * 10**9
    label(parts, [(labels[0][0], "corrected")])
    assert newest(start) == clock()
    clock.step(seconds=5)
    label(parts, labels[60:61], tenant="school-b")
    label(parts, [("never-seen", "yes")])
    assert newest(start, now) == clock() - 5 * 10**9


def test_every_region_is_judged_for_itself(parts, now):
    rng, start = np.random.default_rng(2), now - 10 * DAY_NS
    for region, share in (("north", 900), ("south", 600), ("east", 500)):
        here = {"region": [region] * share}
        before = store(parts, f"b{region}", start, now - DAY_NS, draw(rng, share), features=here)
        drawn = draw(rng, share, flipped=0.7 if region == "south" else 0.0)
        label(parts, before + store(parts, f"n{region}", now - DAY_NS, now, drawn, features=here))
    # Decisions without the feature are a slice; a long text is none; a neighbour's are not seen.
    label(parts, store(parts, "none", now - DAY_NS, now, draw(rng, 100)))
    store(parts, "long", now - DAY_NS, now, draw(rng, 400), features={"region": ["x" * 257] * 400})
    west = {"features": {"region": ["west"] * 700}, "tenant": "school-b"}
    store(parts, "west", now - DAY_NS, now, draw(rng, 700), **west)
    sliced = {"reference": "", "slices": ("feature:region",)}
    found = judge(parts, monitor(**sliced), now)
    values = {value for _, dimension, value in found if dimension == "feature:region"}
    assert values == {"north", "south", "east", ""}
    for statistic in ("residual", "realised_loss"):
        of = {value: found[statistic, "feature:region", value] for value in values}
        assert {value for value in values if of[value].matters} == {"south"}
        assert (of["south"].n_reference, of["south"].n_current) == (600, 600)
        assert of["south"].traffic_share == pytest.approx(600 / 2500)
        assert of["south"].p_value < 1e-6
        assert "0 labelled decisions" in of[""].unable
    few = drift_parts(parts.store, parts.clock, performance_slices_max=2)
    values = {value for _, dimension, value in judge(few, monitor(**sliced), now) if dimension}
    assert values == {"north", "south"}
    change = judge(parts, monitor("calibration", **sliced), now)
    assert {one.value for one in change.values() if one.dimension and one.matters} == {"south"}
