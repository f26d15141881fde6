"""The monitor job over a real store: when it alarms, when it must not, and what it leaves."""

import orjson
import pytest

from drift.incidents import Incidents
from drift.monitors.history import History
from drift.monitors.monitors import Monitors
from drift.monitors.results import Results
from drift.references import Baseline, Definition, References
from tests.drift.monitors.grader import MODEL, TENANT, Grader, longer
from tests.drift.worlds import DAY_NS, HOUR_NS
from web.window import Window


@pytest.fixture
def grader(drift_store, clock):
    return Grader(drift_store, clock)


def signals(parts, kind="drift"):
    return parts.signals.list([], start_ns=0, end_ns=2**62, kinds=[kind])


def test_a_shift_is_suspected_confirmed_and_told_once(grader):
    grader.reference()
    grader.monitor(slices=("model_version",))
    grader.passes(3)
    assert set(grader.states("words")) <= {"quiet", "significant"}
    grader.passes(4, longer)
    assert grader.states("words")[3:] == ["suspected", "confirmed", "cooling", "cooling"]
    assert set(grader.states("age")) <= {"quiet", "significant"}
    [incident] = Incidents(grader.parts).page([])
    assert incident.state == "open"
    assert incident.window_start_ns == grader.clock.now_ns - 3 * HOUR_NS
    assert incident.findings[0]["feature"] == "words"
    assert incident.findings[0]["dimension"] == ""
    assert incident.findings[0]["low"] >= incident.findings[0]["tolerance"]
    assert {key[0] for key in incident.keys} == {"words"}
    [signal] = signals(grader.parts)
    assert signal.tenant == TENANT
    assert signal.body["incident_id"] == incident.id
    assert signal.value == incident.findings[0]["estimate"]
    rows = [row for row in grader.rows() if row["state"] in {"confirmed", "cooling"}]
    assert {row["incident_id"] for row in rows} == {incident.id}


def everywhere(features, version):
    """Shift words everywhere and ages in one slice, and let a constant be another."""
    changed = longer(features, version) | {"constant": 8.0}
    return changed | {"age": changed["age"] + 4} if version == "b" else changed


def test_effect_traffic_and_slice_decide(grader):
    grader.reference(shift=odd)
    slices = ("model_version",)
    grader.monitor(id="slice", slices=slices, features=("age",))
    grader.monitor(id="small", slices=slices, features=("age",), traffic_share_min=0.4)
    grader.monitor(id="tolerant", features=("words",), tolerance=2.0)
    grader.monitor(id="constant", features=("constant",))
    grader.passes(3, everywhere)
    found = {}
    for row in grader.rows():
        key = (row["monitor_id"], row["value"])
        found.setdefault(key, []).append((row["state"], row["state_reason"]))
    confirmed = [("suspected", "awaits_confirmation"), ("confirmed", "incident")]
    assert found["slice", "b"] == [*confirmed, ("cooling", "cool_down")]
    assert {state for state, _ in found["slice", "a"]} <= {"quiet", "significant"}
    assert found["small", "b"] == [("significant", "little_traffic")] * 3
    assert found["tolerant", ""] == [("significant", "below_tolerance")] * 3
    assert found["constant", ""] == [*confirmed, ("cooling", "cool_down")]
    keys = {one.monitor_id: one.keys for one in Incidents(grader.parts).page([])}
    assert ("age", "model_version", "b", "population_stability") in keys["slice"]
    assert not any(key[2] == "a" for key in keys["slice"])
    shares = {row["traffic_share"] for row in grader.rows() if row["value"] == "b"}
    assert shares == {0.25}


def odd(features, version):
    """Have a constant, and a text that is always the same."""
    return {"constant": 7.0, "flag": "yes"} | features


def test_an_hour_without_traffic_is_told_and_breaks_no_suspicion(grader):
    grader.reference()
    grader.monitor(features=("words",))
    grader.passes(1, longer)
    grader.passes(1, longer, count=0)
    grader.passes(1, longer)
    assert [row["state"] for row in grader.rows()] == ["suspected", "unable", "confirmed"]
    assert "no decisions" in grader.rows()[1]["state_reason"]


def test_late_data_are_judged_again(grader):
    grader.reference()
    grader.monitor(features=("words",))
    first = grader.clock.now_ns
    grader.passes(1, count=60)
    grader.passes(1, longer)
    assert grader.states("words") == ["quiet", "suspected"]
    # What the first hour lacked comes an hour late, and is drift.
    grader.clock.step(seconds=1200)
    grader.hour(first, longer, 400, received_ns=grader.clock.now_ns)
    grader.cube.run()
    grader.job.run()
    assert grader.states("words") == ["suspected", "confirmed"]
    judged = [row["n_current"] for row in grader.rows() if row["start_ns"] == first]
    assert judged == [60, 460]
    [incident] = Incidents(grader.parts).page([])
    assert len(signals(grader.parts)) == 1
    # Nothing has come since, so nothing is judged again.
    count = len(grader.rows())
    grader.clock.step(seconds=1200)
    grader.job.run()
    assert len(grader.rows()) == count
    assert incident.window_start_ns == first + HOUR_NS


def test_a_reference_that_is_gone_stops_no_job_and_alarms_nobody(grader):
    grader.reference()
    grader.reference("other")
    grader.monitor(id="blind", features=("words",))
    grader.monitor(id="seeing", features=("words",), reference="other")
    grader.passes(1, longer)
    References(grader.parts).delete(TENANT, "base", "ann", "test")
    grader.passes(2, longer)
    states = {}
    with grader.parts.store.handle() as client:
        for monitor, state, reason in client.query(
            "SELECT monitor_id, toString(state), state_reason FROM drift_results "
            "ORDER BY window_start"
        ).result_rows:
            states.setdefault(monitor, []).append((state, reason))
    assert [state for state, _ in states["blind"]] == ["suspected", "unable", "unable"]
    assert "base" in states["blind"][1][1]
    assert [state for state, _ in states["seeing"]] == ["suspected", "confirmed", "cooling"]


def test_a_new_version_of_the_reference_is_compared_by_its_own_cells(grader):
    grader.reference()
    grader.monitor(features=("words",))
    grader.passes(1)
    References(grader.parts).define(
        Definition(TENANT, "base", MODEL, grader.begin, grader.begin + DAY_NS, cells=12), "ann"
    )
    grader.passes(1)
    one, two = grader.rows()
    assert (one["reference_version"], two["reference_version"]) == (1, 2)
    assert two["n_current"] == 200
    assert max(two["codes"]) < 12 < max(one["codes"])
    References(grader.parts).define(
        Definition(TENANT, "base", MODEL, grader.begin, grader.begin + DAY_NS, features=("age",)),
        "ann",
    )
    grader.passes(1)
    assert grader.rows()[-1]["state"] == "unable"
    assert "has nothing of what" in grader.rows()[-1]["state_reason"]
    span = Window(grader.clock.now_ns - 2 * HOUR_NS, grader.clock.now_ns)
    [monitor] = Monitors(grader.parts).list([])
    assert History(grader.parts).backfill(monitor, span) == {"unable": 2}


def test_constant_and_absent_columns_are_not_judged_and_never_alarm(grader):
    grader.reference(shift=odd)
    grader.monitor(slices=("model_version",))
    grader.passes(2, odd)
    grader.passes(1, lambda f, v: {"constant": 7.0, "age": f["age"]})
    by_feature = {
        (row["feature"], row["start_ns"]): row for row in grader.rows() if not row["dimension"]
    }
    last = max(start for _, start in by_feature)
    assert by_feature["constant", last]["state"] == "unable"
    assert "one and the same" in by_feature["constant", last]["state_reason"]
    assert "missing in the window" in by_feature["words", last]["state_reason"]
    assert not [row for row in grader.rows() if row["state"] in {"suspected", "confirmed"}]


def test_a_rolling_baseline_is_kept_with_the_row(grader):
    grader.reference(baseline=Baseline("rolling", days=1))
    grader.monitor(features=("words",))
    grader.passes(2, count=100)
    one, two = [(row["n_reference"], orjson.loads(row["method"])) for row in grader.rows()]
    assert (one[0], two[0]) == (24 * 200, 23 * 200 + 100)
    assert two[1]["baseline"] == "rolling"
    # What a moving baseline held is nowhere else, so the row has it.
    assert sum(map(int, two[1]["reference_groups"].split(","))) == two[0]


def test_a_crash_before_the_rows_opens_nothing_twice(grader, monkeypatch):
    grader.reference()
    grader.monitor(features=("words",))
    grader.passes(1, longer)
    with monkeypatch.context() as broken:
        broken.setattr(Results, "write", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            grader.passes(1, longer)
    assert len(Incidents(grader.parts).page([])) == 1
    grader.clock.step(seconds=600)
    grader.job.run()
    assert grader.states("words") == ["suspected", "confirmed"]
    [incident] = Incidents(grader.parts).page([])
    assert incident.version == 1
    assert len(signals(grader.parts)) == 1


def test_after_an_absence_every_window_is_judged_once(drift_store, clock):
    settings = {"drift_windows_run_max": 2, "drift_catch_up_s": 4 * 3600}
    grader = Grader(drift_store, clock, an_hour=60, **settings)
    grader.reference()
    grader.monitor(features=("words",))
    grader.passes(6, run=False)
    for _ in range(4):
        grader.job.run()
    # Of six hours the last four are caught up.
    starts = [row["start_ns"] for row in grader.rows()]
    assert starts == sorted(set(starts))
    assert starts == [clock.now_ns - hours * HOUR_NS for hours in (4, 3, 2, 1)]


def test_every_kind_watches_its_own(grader):
    grader.reference(shift=odd)
    for kind in ("prediction", "confidence", "length", "missing", "schema"):
        grader.monitor(id=kind, kind=kind)
    grader.passes(1, odd)
    for _ in range(2):
        rows = grader.made(grader.clock.now_ns, strange)
        for place, row in enumerate(rows):
            row |= {"outcome": "fail", "tokens_output": 200 + place % 50}
            row |= {"confidence": row["confidence"] / 2}
        grader.parts.store.insert("decisions", rows)
        grader.passes(1, count=0)
    found = {}
    with grader.parts.store.handle() as client:
        for row in client.query(
            "SELECT DISTINCT monitor_id, feature, statistic FROM drift_results "
            "WHERE state = 'confirmed'"
        ).result_rows:
            found.setdefault(row[0], set()).add(row[1:])
    shape = "population_stability"
    assert found == {
        "prediction": {("@outcome", shape)},
        "confidence": {("@confidence", shape)},
        "length": {("@output_tokens", shape)},
        "missing": {("age", "missing_share"), ("flag", "missing_share")},
        "schema": {
            ("language", "unseen_share"),
            ("words", "wrong_kind_share"),
            ("flag", "missing_share"),
            ("fresh", "added_share"),
        },
    }


def strange(features, version):
    """Change what there is: a kind, a value, a column that goes and one that comes."""
    changed = features | {"fresh": 1.0, "constant": 7.0}
    if version == "b":
        changed |= {"words": "many", "language": "xx"}
    else:
        del changed["age"]
    return changed


def test_a_window_is_judged_some_time_after_its_end(drift_store, clock):
    grader = Grader(drift_store, clock, an_hour=60, drift_lag_s=300.0)
    grader.reference()
    grader.monitor(features=("words",))
    grader.passes(1)
    assert grader.rows() == []
    clock.step(seconds=299)
    grader.job.run()
    assert grader.rows() == []
    clock.step(seconds=1)
    grader.job.run()
    assert len(grader.rows()) == 1
