"""Windows against references over HTTP: heat map, distribution, models, raw values."""

import numpy as np
import pytest

from drift.api.compare import CompareResource
from drift.api.distribution import DistributionResource
from drift.api.features import FeatureResource
from drift.api.models import ModelResource
from drift.cube import CubeJob
from drift.references import Baseline, Definition, References
from drift.statistics.kolmogorov_smirnov import kolmogorov_smirnov
from drift.statistics.wasserstein import wasserstein
from tests.cost.api.kit import Api, principal
from tests.drift.worlds import DAY_NS, HOUR_NS, SECOND_NS, decide, decision, decisions

BEFORE, NOW = 400, 300


class World:
    """A model whose x moved and whose subject did not, in the last of three days."""

    def __init__(self, parts, clock):
        rng = np.random.default_rng(3)
        self.parts, self.clock = parts, clock
        self.before = np.round(rng.normal(size=BEFORE), 3)
        self.now = np.round(rng.normal(1.5, size=NOW), 3)
        self.start = clock.now_ns - 3 * DAY_NS
        self.last = clock.now_ns - 5 * HOUR_NS
        rows = self._rows(self.start, self.before) + self._rows(self.last, self.now)
        rows.append(decision(self.last, features={"x": float("nan"), "subject": "art"}))
        rows.append(decision(self.last, features={"subject": "latin"}, route="human"))
        rows.append(decision(self.last, tenant="school-b", features={"x": 1e6}))
        decide(parts.store, rows)
        self.define()
        clock.step(seconds=60)
        CubeJob(parts).run()

    def define(self, **more):
        asked = {
            "tenant": "school-a",
            "id": "june",
            "model": "grader",
            "from_ns": self.start,
            "to_ns": self.start + 12 * HOUR_NS,
            "dimensions": ("route",),
        }
        return References(self.parts).define(Definition(**(asked | more)), "ann")

    def _rows(self, start, values):
        def features(i):
            return {"x": values[i], "subject": ["maths", "art"][i % 2]}

        return decisions(start, len(values), 10 * SECOND_NS, features, route="auto")


@pytest.fixture
def world(parts, clock):
    """Decisions, a reference, and their counts."""
    return World(parts, clock)


@pytest.fixture
def api(world):
    """The resources that compare."""
    resources = (ModelResource, FeatureResource, DistributionResource, CompareResource)
    routers = [build(world.parts).router() for build in resources]
    return Api(routers, reader=principal("school-a"))


def test_models_with_features_and_references(api, world):
    found = api.get("/v1/drift/models")
    assert [(one["tenant"], one["model"], one["decisions"]) for one in found["items"]] == [
        ("school-a", "grader", BEFORE + NOW + 2)
    ]
    assert found["items"][0]["features"] == ["subject", "x"]
    assert found["items"][0]["references"] == ["june"]
    everyone = api.get("/v1/drift/models", principal())
    assert [one["tenant"] for one in everyone["items"]] == ["school-a", "school-b"]
    assert everyone["items"][1]["references"] == []
    assert api.get("/v1/drift/models", from_="-1m")["items"] == []


def test_the_heat_map_shows_what_moved_and_when(api, world):
    found = api.get("/v1/drift/features", reference="june", from_="-3d", step="day")
    assert found["reference"]["version"] == 1
    rows = {row["feature"]: row["cells"] for row in found["features"]}
    moved, stayed = rows["x"][-2], rows["subject"][-2]
    assert len(found["starts"]) == len(rows["x"]) == 4
    assert (moved["n"], moved["reason"]) == (NOW + 2, None)
    assert moved["estimate"] > 1
    assert moved["low"] > 0.5
    assert moved["p_value"] < 1e-12
    assert stayed["estimate"] < 0.1
    assert stayed["p_value"] > 0.01
    assert rows["x"][0]["estimate"] == pytest.approx(0, abs=1e-3)
    assert rows["x"][1]["reason"] == "no decisions in the window"
    assert rows["x"][1]["estimate"] is None


def test_a_slice_of_the_heat_map(api, world):
    asked = {"reference": "june", "from_": "-6h", "features": "x", "dimension": "route"}
    found = api.get("/v1/drift/features", value="auto", statistic="kolmogorov_smirnov", **asked)
    assert found["features"][0]["cells"][0]["n"] == NOW
    asked["features"] = "subject"
    found = api.get("/v1/drift/features", value="human", **asked)
    # The reference has no such slice.
    assert found["features"][0]["cells"][0]["reason"] == "no decisions in the baseline"


def test_the_distribution_is_certain_about_what_raw_values_say(api, world):
    asked = {"reference": "june", "from_": "-6h", "dimension": "route", "value": "auto"}
    found = api.get("/v1/drift/distribution", feature="x", **asked)
    assert (found["n_reference"], found["n_current"]) == (BEFORE, NOW)
    assert sum(cell["reference"] for cell in found["cells"]) == BEFORE
    assert sum(cell["current"] for cell in found["cells"]) == NOW
    assert found["cells"][0]["from"] is None
    assert found["cells"][0]["to"] == found["cells"][1]["from"]
    assert found["cells"][-1]["current"] == (world.now > world.before.max()).sum()
    results = {one["statistic"]: one for one in found["results"]}
    exact = kolmogorov_smirnov(world.before, world.now).estimate
    bounds = results["kolmogorov_smirnov"]
    assert bounds["low"] <= exact <= bounds["high"]
    assert bounds["level"] == 1
    assert bounds["high"] - bounds["low"] < 0.05
    exact = wasserstein(world.before, world.now).estimate
    assert results["wasserstein"]["low"] <= exact <= results["wasserstein"]["high"]
    moved = results["standardised_mean_difference"]["estimate"]
    pooled = np.sqrt((world.before.var(ddof=1) + world.now.var(ddof=1)) / 2)
    assert moved == pytest.approx((world.now.mean() - world.before.mean()) / pooled, rel=1e-9)


def test_what_has_no_cell_is_shown(api, world):
    asked = {"reference": "june", "from_": "-6h"}
    special = api.get("/v1/drift/distribution", feature="x", **asked)["special"]
    assert special["nan"] == {"reference": 0, "current": 1}
    assert special["missing"] == {"reference": 0, "current": 1}
    found = api.get("/v1/drift/distribution", feature="subject", **asked)
    assert [cell["label"] for cell in found["cells"]] == ["art", "maths"]
    assert found["special"]["unseen"] == {"reference": 0, "current": 1}
    assert {one["statistic"] for one in found["results"]} >= {"chi_square", "total_variation"}


def test_raw_values_are_compared_exactly(api, world):
    asked = {"reference": "june", "from_": "-6h", "dimension": "route", "value": "auto"}
    found = {one["feature"]: one for one in api.get("/v1/drift/compare", **asked)["items"]}
    results = {one["statistic"]: one for one in found["x"]["results"]}
    exact = kolmogorov_smirnov(world.before, world.now)
    assert results["kolmogorov_smirnov"]["estimate"] == pytest.approx(exact.estimate, abs=1e-15)
    assert results["kolmogorov_smirnov"]["p_value"] == pytest.approx(exact.p_value, rel=1e-9)
    assert results["wasserstein"]["estimate"] == pytest.approx(
        wasserstein(world.before, world.now).estimate, rel=1e-9
    )
    assert not found["x"]["sampled"]
    # By the same cells as the counts, so both paths say the same.
    counted = api.get("/v1/drift/distribution", feature="x", **asked)["results"]
    stability = next(one for one in counted if one["statistic"] == "population_stability")
    assert results["population_stability"]["estimate"] == pytest.approx(
        stability["estimate"], rel=1e-12
    )
    subject = {one["statistic"]: one for one in found["subject"]["results"]}
    counted = api.get("/v1/drift/distribution", feature="subject", **asked)["results"]
    for one in counted:
        assert subject[one["statistic"]]["estimate"] == pytest.approx(one["estimate"], rel=1e-12)
    by_counts = api.get("/v1/drift/compare", exact=False, **asked)
    assert not by_counts["exact"]
    assert {one["feature"]: one["results"] for one in by_counts["items"]}["subject"] == counted
    whole = api.get("/v1/drift/compare", reference="june", from_="-6h", features="x")["items"]
    assert whole[0]["missing_current"] == 1


def test_a_moving_baseline_is_the_past_of_each_step(api, world):
    world.define(id="rolling", baseline=Baseline("rolling", days=1))
    CubeJob(world.parts).run()
    found = api.get("/v1/drift/features", reference="rolling", from_="-6h", step="hour")
    cells = next(row["cells"] for row in found["features"] if row["feature"] == "x")
    # Nothing was decided in the day before the first hour; its own is what the next is held to.
    assert cells[1]["reason"] == "no decisions in the baseline"
    assert cells[1]["n"] == NOW + 2
    exact = api.get("/v1/drift/compare", reference="rolling", from_="-6h", features="x")
    assert exact["items"][0]["left_out"][0]["reason"] == "reference holds no value"


def test_deleted_and_unknown_references(api, world):
    References(world.parts).delete("school-a", "june", "ann", "gone")
    world.clock.step(seconds=1)
    for path in ("features", "distribution", "compare"):
        asked = {"feature": "x"} if path == "distribution" else {}
        assert api.problem(f"/v1/drift/{path}", reference="june", **asked)["status"] == 404
        still = api.get(f"/v1/drift/{path}", reference="june", version=1, **asked)
        assert still["reference"]["version"] == 1


BAD = [
    ("features", {"statistic": "magic"}, "statistic"),
    ("features", {"features": "y"}, "features"),
    ("features", {"dimension": "colour"}, "dimension"),
    ("features", {"value": "auto"}, "dimension"),
    ("features", {"from_": "-4000d", "step": "hour"}, "step"),
    ("distribution", {"feature": "y"}, "feature"),
    ("compare", {"features": "y"}, "features"),
    ("compare", {"from_": "now"}, "from"),
]


def test_bad_questions_name_the_field(api, world):
    for path, asked, field in BAD:
        problem = api.problem(f"/v1/drift/{path}", reference="june", **asked)
        assert (problem["status"], problem["field"]) == (400, field), asked


def test_another_tenant_sees_nothing(api, world):
    other = principal("school-b")
    for path in ("features", "distribution", "compare"):
        asked = {"feature": "x"} if path == "distribution" else {}
        assert api.problem(f"/v1/drift/{path}", other, reference="june", **asked)["status"] == 404
        refused = api.problem(
            f"/v1/drift/{path}", other, reference="june", tenant="school-a", **asked
        )
        assert refused["status"] == 403
