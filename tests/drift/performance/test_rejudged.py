"""The monitor job over a baseline whose labels come after windows were judged against it."""

import numpy as np

from drift.labels import Label, Labels
from drift.monitors.monitor import Monitor
from drift.monitors.monitors import Monitors
from drift.monitors.watching import MonitorJob
from drift.references import Definition, References
from tests.drift.monitors.grader import RESULTS
from tests.drift.performance.models import draw, store
from tests.drift.worlds import DAY_NS, drift_parts

PROMPT = {"drift_lag_s": 0.0, "drift_late_pause_s": 0.0}


class Lender:
    """Two days judged against a reference of which no label has come yet."""

    def __init__(self, drift_store, clock, **settings):
        self.parts = drift_parts(drift_store, clock, **PROMPT, **settings)
        self.clock, rng = clock, np.random.default_rng(1)
        begin = clock() // DAY_NS * DAY_NS - 20 * DAY_NS
        clock.now_ns = begin + 3 * DAY_NS
        self.base = store(self.parts, "base", begin, clock(), draw(rng, 2000))
        asked = Definition("school-a", "base", "loan", begin, clock())
        References(self.parts).define(asked, "ann")
        named = {"id": "m", "tenant": "school-a", "model": "loan", "reference": "base"}
        watched = Monitor(**named, kind="performance", window="1d", statistic="residual")
        Monitors(self.parts).create(watched, actor="ann", reason="test")
        self.job = MonitorJob(self.parts)
        for day in range(2):
            start = clock()
            clock.now_ns = start + DAY_NS
            self.send(store(self.parts, f"n{day}-", start, clock(), draw(rng, 400)))
            self.run()

    def send(self, labels, tenant="school-a"):
        Labels(self.parts).put(tenant, [Label(*one) for one in labels], key_id="k")

    def run(self):
        self.clock.step(seconds=60)
        self.job.run()
        self.clock.step(seconds=-60)

    def rows(self):
        with self.parts.store.handle() as client:
            return [dict(row) for row in client.query(RESULTS).named_results()]

    def states(self):
        found = {row["start_ns"]: row["state"] for row in self.rows()}
        return [found[start] for start in sorted(found)]

    def judged(self):
        with self.parts.store.handle() as client:
            [[count]] = client.query("SELECT count() FROM drift_results").result_rows
            return count


def test_labels_of_the_reference_judge_the_windows_again(drift_store, clock):
    lender = Lender(drift_store, clock)
    assert lender.states() == ["unable", "unable"]
    before = lender.judged()
    lender.run()
    assert lender.judged() == before
    lender.clock.step(seconds=3600)
    lender.send(lender.base, tenant="school-b")
    lender.run()
    assert lender.judged() == before, "a neighbour's labels are none of its"
    lender.send(lender.base)
    lender.run()
    assert lender.states() == ["quiet", "quiet"]
    after = lender.judged()
    lender.clock.step(seconds=3600)
    lender.run()
    assert lender.judged() == after, "nothing new, nothing judged"
    lender.send([(name, "no") for name, _ in lender.base[:100]])
    lender.run()
    assert lender.judged() == after + 2, "a correction is new"


def test_windows_older_than_labels_may_be_late_stay(drift_store, clock):
    lender = Lender(drift_store, clock, labels_late_s=DAY_NS / 1e9, drift_late_s=0.0)
    before = lender.states()
    lender.clock.step(seconds=DAY_NS / 1e9 - 3600)
    lender.send(lender.base)
    lender.job.run()
    # The first ended more than a day ago, the second did not.
    assert before == ["unable", "unable"]
    assert lender.states()[:2] == ["unable", "quiet"]


def test_a_reference_that_is_gone_has_nothing_new(drift_store, clock):
    lender = Lender(drift_store, clock)
    References(lender.parts).delete("school-a", "base", "ann")
    before = lender.judged()
    lender.run()
    assert lender.judged() == before
