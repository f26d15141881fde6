"""Tolerances taken from a reference: quiet over the daily cycle, kept, and read back from rows."""

import math

import orjson
import pytest

from drift.monitors.history import History
from drift.monitors.monitor import Monitor
from drift.monitors.tolerances import KIND
from sql.errors import InvalidInputError
from tests.drift.monitors.grader import MODEL, TENANT, Grader
from tests.drift.worlds import HOUR_NS
from web.window import Window

ASKED = {"tenant": TENANT, "model": MODEL, "reference": "base", "features": ("words",)}


@pytest.fixture
def grader(drift_store, clock):
    made = Grader(drift_store, clock, an_hour=150)
    made.reference(shift=Daily(150))
    return made


class Daily:
    """Words swing by 0.6 standard deviations over the day, and `more` on top of that."""

    def __init__(self, an_hour, more=0.0):
        self.an_hour, self.more, self.seen = an_hour, more, 0

    def __call__(self, features, version):
        hour = self.seen // self.an_hour
        self.seen += 1
        swing = 30 * math.sin(2 * math.pi * hour / 24)
        return features | {"words": features["words"] + swing + self.more}


def by_reference(**more):
    return Monitor(**{"id": "watch", **ASKED, "tolerance_by": "reference", **more})


def day(grader, more=0.0):
    """Let a day pass; give its window."""
    begin = grader.clock.now_ns
    shift = Daily(grader.an_hour, more)
    for _ in range(24):
        grader.hour(grader.clock.now_ns, shift)
        grader.clock.step(seconds=3600)
    grader.cube.run()
    return Window(begin, grader.clock.now_ns)


def tried(grader, window, **more):
    return History(grader.parts).dry_run(Monitor(**{"id": "try", **ASKED, **more}), window)


def alarms(found):
    return sum(one.alarm for one in found.windows)


def test_a_daily_cycle_alarms_without_the_tolerance_it_suggests_and_not_with_it(grader):
    same, drifted = day(grader), day(grader, more=75)
    plain = tried(grader, same)
    assert alarms(plain) > 0
    assert plain.false_alarms.on_reference > 0.2
    suggested = plain.spread
    assert (suggested.windows, suggested.windows_needed) == (24, 99)
    assert suggested.suspicions.expected == pytest.approx(1 / 25)
    stated = tried(grader, same, tolerance=suggested.tolerance)
    assert alarms(stated) == 0
    assert stated.false_alarms.on_reference == 0
    assert stated.spread == suggested
    taken = tried(grader, same, tolerance_by="reference")
    assert alarms(taken) == 0
    assert taken.false_alarms.on_reference == 0
    assert alarms(tried(grader, drifted, tolerance_by="reference")) > 0
    assert alarms(tried(grader, drifted, tolerance=suggested.tolerance)) > 0
    assert grader.parts.records.list(KIND, []) == []


def test_a_row_says_where_its_tolerance_is_from(grader):
    grader.monitor(features=("words",), tolerance_by="reference", rows_min=20)
    grader.passes(2, Daily(150))
    rows = grader.rows()
    assert len(rows) == 2
    [record] = grader.parts.records.list(KIND, [TENANT])
    assert (record.id, record.version) == ("watch", 1)
    held = record.body["spread"]
    for row in rows:
        method = orjson.loads(row["method"])
        assert method["tolerance_rule"] == "reference"
        assert method["tolerance_version"] == 1
        assert method["tolerance_factor"] == held["factor"] > 0
        assert ["words", "", "", row["statistic"], method["tolerance_spread"]] in held["spreads"]
        again = method["tolerance_factor"] * method["tolerance_spread"]
        assert row["tolerance"] == max(method["tolerance_by_chance"], again) == again
        assert method["tolerance_windows"] == 24
        assert method["tolerance_level"] == 1 / 25


def test_it_is_measured_once_for_a_reference_and_again_for_the_next(drift_store, clock, grader):
    grader.monitor(features=("words",), tolerance_by="reference")
    grader.passes(1, Daily(150))
    again = Grader(drift_store, clock, an_hour=150)
    again.clock.now_ns = again.begin + 2 * 24 * HOUR_NS + HOUR_NS
    again.passes(1, Daily(150))
    assert versions(grader) == [1]
    grader.begin = grader.clock.now_ns
    grader.clock.step(seconds=24 * 3600)
    grader.reference()
    grader.passes(1)
    first, second = grader.parts.records.history(KIND, "watch", TENANT)
    assert first.body["reference_version"] == 1
    assert second.body["reference_version"] == 2
    # The new day has no cycle.
    assert second.body["spread"]["spreads"] != first.body["spread"]["spreads"]
    newest = orjson.loads(grader.rows()[-1]["method"])
    assert newest["tolerance_version"] == 2


def versions(grader):
    return [one.version for one in grader.parts.records.history(KIND, "watch", TENANT)]


def test_another_level_is_measured_anew_and_another_name_is_not(grader):
    history = History(grader.parts)
    history.keep(by_reference(), history.tolerance(by_reference()))
    window = day(grader)
    for changed in ({"name": "other"}, {"cool_down": "7d"}):
        history.backfill(by_reference(**changed), window)
        assert versions(grader) == [1]
    History(grader.parts).backfill(by_reference(alpha=0.05), window)
    assert versions(grader) == [1, 2]


def test_tenants_have_their_own(grader):
    history = History(grader.parts)
    history.keep(by_reference(), history.tolerance(by_reference()))
    assert grader.parts.records.get(KIND, "watch", "school-b") is None
    assert grader.parts.records.get(KIND, "watch", TENANT) is not None


def test_too_few_windows_are_refused(grader):
    for changed in ({"window": "6h"}, {"rows_min": 1000}):
        with pytest.raises(InvalidInputError, match="longer reference") as caught:
            History(grader.parts).tolerance(by_reference(**changed))
        assert caught.value.field == "tolerance"
    assert History(grader.parts).tolerance(Monitor(id="watch", **ASKED)) is None


def test_a_reference_that_became_too_short_alarms_nobody(grader):
    grader.monitor(features=("words",), tolerance_by="reference", window="6h")
    grader.passes(6, Daily(150, more=500))
    [row] = grader.rows()
    assert row["state"] == "unable"
    assert "it takes 20" in row["state_reason"]


def test_shares_take_theirs_too(grader):
    found = History(grader.parts).tolerance(by_reference(kind="missing"))
    assert found.spread.windows == 24
    assert found.spread.tolerance is None
