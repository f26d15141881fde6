"""Tolerances from windows without drift: the level holds, and it is read off the same rule."""

import numpy as np
import pytest
from scipy import stats

from drift.monitors import rule
from drift.monitors.bounds import conformal, level, raised
from drift.monitors.finding import Finding
from drift.monitors.judging import in_turn
from drift.monitors.monitor import Monitor
from drift.monitors.spread import Windows, alarmed_at, measured, spread

HOUR_NS = 3600 * 10**9


def windows(effects, keys=None, noise=0.01):
    """Make windows of effects that are known up to some noise; shape (windows, keys)."""
    effects = np.asarray(effects, dtype=float)
    names = keys or [(f"f{place}", "", "", "psi") for place in range(effects.shape[1])]
    size = np.where(np.isnan(effects), np.nan, np.maximum(effects, noise))
    sure = np.nan_to_num(np.maximum(effects - noise, 0.0))
    return Windows(names, sure, np.nan_to_num(effects), size)


def taken(held, alpha=0.01, confirmations=1):
    return measured(held, [n * HOUR_NS for n in range(len(held.size))], alpha, confirmations)


def test_the_bound_is_passed_as_seldom_as_is_said():
    rng = np.random.default_rng(1)
    passed = []
    for _ in range(4000):
        scores = rng.exponential(size=120)
        passed.append(stats.expon.sf(conformal(scores, 0.05)))
    # On average over references, and closely: the rank is 115 of 121.
    assert np.mean(passed) == pytest.approx(6 / 121, rel=0.03)
    said = level(5, 120)
    assert said.expected == pytest.approx(6 / 121)
    assert np.mean(np.array(passed) > said.high) == pytest.approx(0.05, abs=0.015)


def test_with_too_few_windows_it_is_the_largest_and_says_what_that_is_worth():
    found = taken(windows(np.linspace(0.1, 0.4, 30)[:, None]))
    assert (found.windows, found.windows_needed) == (30, 99)
    assert found.tolerance == pytest.approx(0.39, abs=0.001)
    assert found.suspicions.expected == pytest.approx(1 / 31)
    assert found.suspicions.high == pytest.approx(1 - 0.05 ** (1 / 30))


def test_of_many_windows_the_most_extreme_may_pass():
    effects = np.full((400, 1), 0.1)
    effects[[50, 150, 250], 0] = 5.0
    # Single windows, of which none confirms another.
    found = taken(windows(effects))
    assert found.tolerance < 0.11
    assert found.suspicions.expected == pytest.approx(4 / 401)
    # Two in a row would be an alarm, and a share of one in ten thousand is beyond 400 windows.
    effects[51, 0] = 4.0
    assert taken(windows(effects)).tolerance == pytest.approx(4.0, abs=0.02)


def test_each_feature_is_measured_in_its_own_spread():
    rng = np.random.default_rng(2)
    effects = rng.uniform(0.5, 1.5, (300, 3)) * [1.0, 0.1, 0.02]
    found = taken(windows(effects, noise=0.001))
    tolerances = [found.factor * found.of((name, "", "", "psi")) for name in ("f0", "f1", "f2")]
    assert tolerances == pytest.approx([1.5, 0.15, 0.03], rel=0.1)
    assert found.tolerance == pytest.approx(1.5, rel=0.05)


def test_what_the_reference_hardly_had_takes_the_spread_of_its_feature():
    effects = np.full((100, 3), 0.1)
    effects[:, 1] = 0.3
    effects[5:, 2] = np.nan
    keys = [("a", "", "", "psi"), ("a", "v", "1", "psi"), ("a", "v", "2", "psi")]
    found = taken(windows(effects, keys))
    assert found.of(("a", "v", "2", "psi")) == pytest.approx(0.3)
    assert found.of(("a", "v", "new", "psi")) == pytest.approx(0.3)
    assert found.of(("other", "", "", "psi")) == pytest.approx(0.3)


def test_a_reference_without_spread_asks_for_no_tolerance():
    held = windows(np.zeros((200, 4)))
    found = taken(held)
    assert (found.tolerance, found.factor, found.driven_by) == (None, 0.0, None)
    assert found.alarms.expected == pytest.approx(1 / 201)


@pytest.mark.parametrize("confirmations", [0, 1, 2])
def test_the_rule_alarms_up_to_the_tolerance_that_is_read_off_it(confirmations):
    rng = np.random.default_rng(confirmations)
    for _ in range(8):
        steps = np.cumsum(rng.normal(0, 0.3, (40, 3)), axis=0)
        effects = np.exp(steps - steps.mean(axis=0))
        effects[rng.random(effects.shape) < 0.1] = np.nan
        held = windows(effects, noise=0.2)
        found = alarmed_at(held, confirmations)
        assert found.max() > 0
        for tolerance in [*np.quantile(found[found > 0], [0.1, 0.5, 0.9]), found.max()]:
            assert alarms(held, tolerance, confirmations) == np.sum(found >= tolerance)
        assert alarms(held, raised(found.max()), confirmations) == 0
        assert measured(held, list(range(40)), 0.01, confirmations).tolerance >= found.max()


def alarms(held, tolerance, confirmations):
    """Count the windows in which `rule.judge` confirms something."""
    memory = rule.Memory.blank(len(held.keys))
    count = 0
    for row in range(len(held.size)):
        known = ~np.isnan(held.size[row])
        p = np.where(known, 1e-30, np.nan)
        found = rule.Found(
            p,
            held.sure[row] >= tolerance,
            held.likely[row] >= tolerance,
            np.ones(p.size, dtype=bool),
            np.arange(p.size),
        )
        verdict = rule.judge(found, memory, 0.01, confirmations)
        memory = verdict.memory
        count += bool((verdict.state == rule.CONFIRMED).any())
    return count


def finding(estimate, **more):
    named = {"feature": "f", "dimension": "", "value": "", "statistic": "psi"}
    known = {"low": estimate - 0.01, "high": estimate + 0.01, "p_value": 1e-20}
    asked = {**named, **known, "tolerance": 0.005, "traffic_share": 1.0, **more}
    return Finding(**asked, estimate=estimate)


def judged(rows, **more):
    monitor = Monitor(id="m", tenant="t", model="m", reference="r", **more)
    held = [(n * HOUR_NS, row) for n, row in enumerate(rows)]
    return monitor, [(start, found) for start, found, _ in in_turn(monitor, held)]


def test_findings_of_either_sign_count_and_chance_and_little_traffic_do_not():
    rows = [[finding(sign * 0.2)] for sign in (1, -1) * 15]
    found = spread(*judged(rows))
    assert found.tolerance == pytest.approx(0.19, abs=0.001)
    assert found.driven_by == ("f", "", "", "psi")
    by_chance = spread(*judged([[finding(0.2, p_value=0.4)] for _ in range(30)]))
    assert by_chance.tolerance is None
    assert by_chance.of(("f", "", "", "psi")) == pytest.approx(0.2)
    little = spread(*judged([[finding(0.2, traffic_share=0.001)] for _ in range(30)]))
    assert little.tolerance is None


def test_windows_that_could_not_be_judged_are_no_windows():
    rows = [[finding(0.2)]] * 3 + [[finding(0.2, unable="no decisions")]] * 5
    assert spread(*judged(rows)).windows == 3
    assert spread(*judged(rows[2:])) is None


def test_bounds_are_rounded_up():
    for value in (0.1, 0.12345678, 3.0, 99999.0, 1e-7):
        assert value < raised(value) <= value * 1.0011
    assert raised(0.0) == 0.0
