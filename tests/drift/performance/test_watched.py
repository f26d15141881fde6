"""The monitor job over a model whose labels come days after its decisions."""

import numpy as np
import pytest

from drift.incidents import Incidents
from drift.labels import Label, Labels
from drift.monitors.checks import check
from drift.monitors.monitor import Monitor
from drift.monitors.monitors import Monitors
from drift.monitors.watching import MonitorJob
from drift.references import Definition, References
from sql.errors import InvalidInputError
from tests.drift.monitors.grader import RESULTS
from tests.drift.performance.models import draw, store
from tests.drift.worlds import DAY_NS, drift_parts


class Lender:
    """Lends by the day; labels come five days later."""

    def __init__(self, drift_store, clock):
        self.parts = drift_parts(drift_store, clock, drift_lag_s=0.0, drift_late_pause_s=0.0)
        self.clock, self.rng = clock, np.random.default_rng(1)
        self.unsent = []
        clock.now_ns = clock.now_ns // DAY_NS * DAY_NS - 14 * DAY_NS
        begin = clock.now_ns - 3 * DAY_NS
        self.send(store(self.parts, "base", begin, begin + 3 * DAY_NS, draw(self.rng, 3000)))
        asked = Definition("school-a", "base", "loan", begin, begin + 3 * DAY_NS)
        References(self.parts).define(asked, "ann")
        self.job = MonitorJob(self.parts)

    def watch(self, **more):
        named = {"id": "m", "tenant": "school-a", "model": "loan", "reference": "base"}
        asked = {"kind": "performance", "window": "1d", "statistic": "residual"}
        watched = Monitor(**named | asked | more)
        Monitors(self.parts).create(watched, actor="ann", reason="test")

    def days(self, count, **more):
        for _ in range(count):
            name = f"n{self.clock.now_ns // DAY_NS}-"
            end = self.clock.now_ns + DAY_NS
            drawn = draw(self.rng, 400, **more)
            self.unsent.append(store(self.parts, name, self.clock.now_ns, end, drawn))
            self.clock.now_ns = end
            if len(self.unsent) > 5:
                self.send(self.unsent.pop(0))
            self.clock.step(seconds=60)
            self.job.run()
            self.clock.step(seconds=-60)

    def regions(self, count, fallen=""):
        """Lend in three regions, labels at once; what one's inputs mean may turn round."""
        for _ in range(count):
            end = self.clock.now_ns + DAY_NS
            for region in ("north", "south", "east"):
                drawn = draw(self.rng, 300, flipped=0.7 if region == fallen else 0.0)
                name, here = f"{region}{end}-", {"region": [region] * 300}
                begin = self.clock.now_ns
                self.send(store(self.parts, name, begin, end, drawn, features=here))
            self.clock.now_ns = end
            self.clock.step(seconds=60)
            self.job.run()
            self.clock.step(seconds=-60)

    def send(self, labels):
        Labels(self.parts).put("school-a", [Label(*one) for one in labels], key_id="k")

    def states(self):
        with self.parts.store.handle() as client:
            rows = [dict(row) for row in client.query(RESULTS).named_results()]
        found = {row["start_ns"]: row["state"] for row in rows}
        return [found[start] for start in sorted(found)]


@pytest.fixture
def lender(drift_store, clock):
    return Lender(drift_store, clock)


def test_labels_that_come_late_raise_the_alarm_then(lender):
    lender.watch(cool_down="7d")
    lender.days(2)
    lender.days(5, flipped=0.6)
    # Labels of the first two days are there, none of those that drifted.
    assert lender.states() == ["quiet", "quiet", *["unable"] * 5]
    assert not Incidents(lender.parts).page([])
    lender.days(4, flipped=0.6)
    assert lender.states()[:2] == ["quiet", "quiet"]
    assert lender.states()[2:6] == ["suspected", "confirmed", "cooling", "cooling"]
    assert lender.states()[-5:] == ["unable"] * 5
    [incident] = Incidents(lender.parts).page([])
    assert incident.findings[0]["feature"] == "@accuracy"
    assert incident.findings[0]["estimate"] > 0.1


def test_covariate_shift_raises_none(lender):
    lender.watch()
    lender.days(10, shift=-1.5)
    assert set(lender.states()[:5]) <= {"quiet", "significant"}
    assert not Incidents(lender.parts).page([])


def test_one_region_falls_and_it_alone_alarms(lender):
    lender.regions(3)
    lender.watch(slices=("feature:region",), reference="", cool_down="7d")
    lender.regions(3, fallen="south")
    [incident] = Incidents(lender.parts).page([])
    told = {(one["dimension"], one["value"]) for one in incident.findings}
    assert ("feature:region", "south") in told
    assert told <= {("feature:region", "south"), ("", "")}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"statistic": "psi"}, "statistic"), ({"slices": ("x",)}, "slices")],
)
def test_what_a_monitor_cannot_ask_for_is_refused_at_once(lender, wrong, field):
    for kind in ("performance", "calibration", "embedding"):
        asked = {"id": "m", "tenant": "school-a", "model": "loan", "reference": "base"}
        with pytest.raises(InvalidInputError) as refused:
            check(lender.parts, Monitor(**asked, kind=kind, **wrong))
        assert refused.value.field == field
