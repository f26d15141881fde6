"""Estimates whose baseline is weighted by resemblance, over a real store."""

import numpy as np
import pytest

from drift.labels import Label, Labels
from drift.performance.assessor import Assessor
from drift.performance.scores import Population
from tests.drift.performance.models import Drawn, store
from tests.drift.worlds import DAY_NS, drift_parts


def schools(rng, n, rural):
    """Two populations the model is alike sure about: it is honest in one and boasts in the other.

    Confidence alone does not tell them apart, so that a mix of another kind is another calibration.
    """
    is_rural = rng.random(n) < rural
    logits = rng.normal(0, 1.5, n)
    chance = 1 / (1 + np.exp(-np.where(is_rural, logits / 5, logits)))
    drawn = Drawn(1 / (1 + np.exp(-logits)), rng.random(n) < chance)
    words = rng.normal(np.where(is_rural, 1.0, -1.0), 1.0)
    return drawn, {
        "area": np.where(is_rural, "rural", "town").tolist(),
        "words": words.tolist(),
    }


@pytest.fixture
def now(clock):
    return clock() // DAY_NS * DAY_NS


class World:
    def __init__(self, parts, now):
        self.parts, self.now = parts, now
        self.rng = np.random.default_rng(1)

    def base(self, drawn, features=None, prefix="base"):
        start = self.now - 10 * DAY_NS
        made = store(self.parts, prefix, start, start + DAY_NS, drawn, features=features)
        labels = [Label(name, label) for name, label in made]
        Labels(self.parts).put("school-a", labels, key_id="k")

    def day(self, drawn, features=None):
        store(self.parts, "now", self.now - DAY_NS, self.now, drawn, features=features)

    def step(self, **settings):
        parts = drift_parts(self.parts.store, self.parts.clock, **settings)
        asked = Population("school-a", "loan", self.now - DAY_NS, self.now, DAY_NS)
        [step] = Assessor(parts).health(asked, tolerance=0.02, alpha=0.01).steps
        return step

    def both(self):
        """A step as it is estimated with weights and without."""
        return self.step(), self.step(performance_weights_steps_max=0)


@pytest.fixture
def world(parts, now):
    return World(parts, now)


def inside(found, value):
    return found.low <= value <= found.high


def test_weights_bring_the_estimate_to_what_labels_will_show(world):
    world.base(*schools(world.rng, 6000, rural=0.3))
    drawn, features = schools(world.rng, 4000, rural=0.9)
    world.day(drawn, features)
    weighted, plain = world.both()
    real = drawn.right.mean()
    assert (weighted.weighing.method, weighted.weighing.reason) == ("weighted", "")
    assert plain.weighing.method == "unweighted"
    assert "performance_weights_steps_max" in plain.weighing.reason
    assert plain.estimated.low > real + 0.02
    assert inside(weighted.estimated, real)
    assert abs(weighted.estimated.estimate - real) < abs(plain.estimated.estimate - real) / 3
    # Fewer decisions speak for the step than were labelled, and the interval says so.
    assert 300 < weighted.weighing.effective < 4500
    assert weighted.estimated.high - weighted.estimated.low > (
        plain.estimated.high - plain.estimated.low
    )
    assert weighted.auc.estimate < plain.auc.estimate - 0.02
    assert world.step().estimated == weighted.estimated


def test_without_shift_weights_change_hardly_anything(world):
    world.base(*schools(world.rng, 6000, rural=0.5))
    drawn, features = schools(world.rng, 4000, rural=0.5)
    world.day(drawn, features)
    weighted, plain = world.both()
    assert weighted.weighing.method == "weighted"
    assert weighted.weighing.effective > 5500
    assert weighted.estimated.estimate == pytest.approx(plain.estimated.estimate, abs=0.01)
    assert weighted.auc.estimate == pytest.approx(plain.auc.estimate, abs=0.01)
    assert inside(weighted.estimated, drawn.right.mean())


def test_residuals_keep_one_yardstick(world):
    world.base(*schools(world.rng, 3000, rural=0.3))
    drawn, features = schools(world.rng, 2000, rural=0.9)
    world.day(drawn, features)
    labels = [Label(f"now{n}", "yes" if one else "no") for n, one in enumerate(drawn.truth)]
    Labels(world.parts).put("school-a", labels, key_id="k")
    weighted, plain = world.both()
    assert weighted.residual == plain.residual
    assert weighted.running == plain.running


def test_another_kind_of_decision_is_not_weighted_for(world):
    world.base(*schools(world.rng, 2000, rural=0.5))
    drawn, features = schools(world.rng, 1000, rural=0.5)
    world.day(drawn, features | {"words": [one + 50 for one in features["words"]]})
    weighted, plain = world.both()
    assert weighted.weighing.method == "unweighted"
    assert "cannot be made to resemble" in weighted.weighing.reason
    assert weighted.weighing.imbalance > 0.1
    assert weighted.estimated == plain.estimated


def test_too_few_that_resemble_are_not_weighted(world):
    world.base(*schools(world.rng, 2000, rural=0.03))
    world.day(*schools(world.rng, 1000, rural=1.0))
    weighing = world.step(performance_labels_min=1500).weighing
    assert weighing.method == "unweighted"
    assert weighing.reason
    assert weighing.effective == 2000


def test_features_that_are_not_there(world):
    drawn, features = schools(world.rng, 1000, rural=0.5)
    world.base(drawn)
    world.day(drawn, features)
    weighing = world.step().weighing
    assert (weighing.method, weighing.imbalance) == ("unweighted", None)
    assert weighing.reason == "decisions of the baseline have no features"
    world.base(drawn, features, prefix="more")
    assert world.step().weighing.method == "weighted"


def test_a_step_that_lacks_the_features_is_not_weighted_for(world):
    drawn, features = schools(world.rng, 1000, rural=0.5)
    world.base(drawn, features)
    world.day(drawn)
    weighing = world.step().weighing
    assert weighing.method == "unweighted"
    assert "cannot be made to resemble" in weighing.reason


def test_a_small_step_and_no_labels(world):
    drawn, features = schools(world.rng, 40, rural=0.5)
    world.day(drawn, features)
    nothing = world.step().weighing
    assert (nothing.method, nothing.reason) == ("none", "no labels calibrate confidence")
    world.base(*schools(world.rng, 1000, rural=0.5))
    weighing = world.step().weighing
    assert weighing.method == "unweighted"
    assert weighing.reason.endswith("the step has 40")


def test_hostile_features(world):
    rng = world.rng
    n = 1500
    odd = [float("nan"), float("inf"), -float("inf"), 1e308, -1e308, 0.0]

    def features():
        return {
            "constant": [1.0] * n,
            "odd": [odd[one] for one in rng.integers(0, len(odd), n)],
            "mixed": ["text" if one else 3.0 for one in rng.integers(0, 2, n)],
            "id": [f"{one:x}" * 40 for one in rng.integers(0, 2**60, n)],
            "rare": [None] * (n - 1) + [1.0],
            "q'\"\\{x}": rng.normal(size=n).tolist(),
        }

    drawn, _ = schools(rng, n, rural=0.5)
    world.base(drawn, features())
    later, _ = schools(rng, n, rural=0.5)
    world.day(later, features())
    weighted, plain = world.both()
    assert weighted.weighing.method == "weighted", weighted.weighing
    assert weighted.estimated.estimate == pytest.approx(plain.estimated.estimate, abs=0.03)


def test_rows_features_and_tenants_are_bounded(world, parts, now):
    world.base(*schools(world.rng, 3000, rural=0.3))
    drawn, features = schools(world.rng, 3000, rural=0.9)
    world.day(drawn, features)
    few = world.step(performance_weights_rows_max=400)
    assert few.weighing.method == "weighted"
    assert few.weighing == world.step(performance_weights_rows_max=400).weighing
    assert world.step(performance_weights_features_max=1).weighing.columns < few.weighing.columns
    before = world.step().estimated
    start = now - 10 * DAY_NS
    other, theirs = schools(world.rng, 500, rural=1.0)
    store(parts, "base", start, start + DAY_NS, other, features=theirs, tenant="school-b")
    store(parts, "now", now - DAY_NS, now, other, features=theirs, tenant="school-b")
    assert world.step().estimated == before
