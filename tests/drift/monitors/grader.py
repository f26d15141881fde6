"""A model that grades essays by the hour, with drift where a test wants it."""

import numpy as np

from drift.cube import CubeJob
from drift.monitors.monitor import Monitor
from drift.monitors.monitors import Monitors
from drift.monitors.watching import MonitorJob
from drift.references import Definition, References
from tests.drift.worlds import DAY_NS, HOUR_NS, SECOND_NS, decide, decision, drift_parts

TENANT, MODEL = "school-a", "grader"
RESULTS = (
    "SELECT toUnixTimestamp(window_start) * 1000000000 AS start_ns, monitor_id, "
    "feature, dimension, value, statistic, n_reference, n_current, estimate, low, high, "
    "p_value, q_value, e_value, tolerance, "
    "traffic_share, toString(state) AS state, state_reason, incident_id, codes, counts, method, "
    "backfilled, reference_id, reference_version, evaluated_at "
    "FROM drift_results ORDER BY window_start, evaluated_at, feature, dimension, value, statistic"
)


class Grader:
    """Makes decisions of an hour, counts them, and runs the monitors.

    The clock stands at the end of the reference's day when a test begins.
    """

    def __init__(self, store, clock, *, an_hour=200, seed=1, **settings):
        self.parts = drift_parts(store, clock, **{"drift_lag_s": 0.0, **settings})
        self.clock = clock
        self.an_hour = an_hour
        self.rng = np.random.default_rng(seed)
        self.begin = clock.now_ns - 2 * DAY_NS
        clock.now_ns = self.begin + DAY_NS
        self.cube, self.job = CubeJob(self.parts), MonitorJob(self.parts)

    def made(self, start_ns, shift=None, count=None, **more):
        """Make the decisions of an hour; `shift` changes the features of each."""
        count = self.an_hour if count is None else count
        rng = self.rng
        words = np.round(rng.normal(400, 50, count), 1)
        ages = np.round(rng.normal(12, 2, count), 2)
        languages = rng.choice(["en", "fr", "de", "it"], count, p=[0.6, 0.2, 0.15, 0.05])
        confidence = rng.beta(8, 2, count)
        outcomes = rng.choice(["pass", "fail"], count, p=[0.7, 0.3])
        tokens = rng.poisson([500, 80], (count, 2))
        rows = []
        for place in range(count):
            version = "a" if place % 4 else "b"
            features = {
                "words": float(words[place]),
                "age": float(ages[place]),
                "language": str(languages[place]),
            }
            rows.append(
                decision(
                    start_ns + (place * 3600 * SECOND_NS) // count,
                    features=shift(features, version) if shift else features,
                    model_version=version,
                    confidence=float(confidence[place]),
                    outcome=str(outcomes[place]),
                    tokens_input=int(tokens[place, 0]),
                    tokens_output=int(tokens[place, 1]),
                    **more,
                )
            )
        return rows

    def hour(self, start_ns, shift=None, count=None, **more):
        """Store the decisions of an hour."""
        rows = self.made(start_ns, shift, count, **more)
        if rows:
            decide(self.parts.store, rows)

    def reference(self, reference_id="base", *, dimensions=("model_version",), shift=None, **more):
        """Define a reference of the day before now."""
        hours = [self.made(self.begin + hour * HOUR_NS, shift) for hour in range(24)]
        decide(self.parts.store, [row for rows in hours for row in rows])
        asked = Definition(
            TENANT,
            reference_id,
            MODEL,
            self.begin,
            self.begin + DAY_NS,
            dimensions=dimensions,
            **more,
        )
        return References(self.parts).define(asked, "ann")

    def monitor(self, **more):
        """Keep a monitor from now on."""
        asked = {"id": "watch", "tenant": TENANT, "model": MODEL, "reference": "base", **more}
        return Monitors(self.parts).create(Monitor(**asked), actor="ann", reason="test")

    def passes(self, hours, shift=None, *, run=True, count=None):
        """Let hours pass with traffic, and run the jobs after each."""
        for _ in range(hours):
            self.hour(self.clock.now_ns, shift, count)
            self.clock.step(seconds=3600)
            self.cube.run()
            if run:
                self.job.run()

    def rows(self):
        with self.parts.store.handle() as client:
            return [dict(row) for row in client.query(RESULTS).named_results()]

    def states(self, feature, dimension="", value=""):
        """Give the state of each window in its newest judgement."""
        found = {
            row["start_ns"]: row["state"]
            for row in self.rows()
            if (row["feature"], row["dimension"], row["value"]) == (feature, dimension, value)
        }
        return [found[start] for start in sorted(found)]


def longer(features, version):
    """Raise the words by 0.8 of their standard deviation."""
    return features | {"words": features["words"] + 40}
