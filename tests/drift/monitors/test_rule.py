"""The decision by itself: levels hold, confirmation is by fresh data, nothing unable alarms."""

import numpy as np
import pytest

from drift.monitors import corrections, rule
from drift.statistics.e_values import from_p_values
from drift.statistics.false_discovery import adjusted


def found(p, *, matters=True, likely=True, busy=True, families=None):
    p = np.asarray(p, dtype=float)
    ones = np.ones(p.size, dtype=bool)
    places = np.arange(p.size) if families is None else np.asarray(families)
    return rule.Found(p, ones & matters, ones & likely, ones & busy, places)


def states(windows, alpha=0.01, confirmations=1, **more):
    memory = rule.Memory.blank(len(windows[0]))
    said = []
    for p in windows:
        verdict = rule.judge(found(p, **more), memory, alpha, confirmations)
        memory = verdict.memory
        said.append([rule.STATES[int(state)] for state in verdict.state])
    return said


SMALL = 1e-9


def test_the_next_window_confirms():
    assert states([[SMALL, 0.5], [SMALL, 0.5], [SMALL, 0.5], [0.4, 0.5]]) == [
        ["suspected", "quiet"],
        ["confirmed", "quiet"],
        ["confirmed", "quiet"],
        ["quiet", "quiet"],
    ]


def test_one_window_alone_never_alarms():
    for confirmations in (1, 2, 3):
        said = states([[SMALL]] * confirmations + [[0.6]], confirmations=confirmations)
        assert not any(state == ["confirmed"] for state in said)
        said = states([[SMALL]] * (confirmations + 1), confirmations=confirmations)
        assert said[-1] == ["confirmed"]


def test_another_key_does_not_confirm():
    assert states([[SMALL, 0.5], [0.5, SMALL]])[1] == ["quiet", "suspected"]


def test_without_confirmations_the_first_window_alarms():
    assert states([[SMALL, 0.5]], confirmations=0) == [["confirmed", "quiet"]]


def test_a_confirmation_is_tested_among_the_suspects_alone():
    # Among a thousand tests 0.004 is nothing, for the one suspect it is enough.
    quiet = np.random.default_rng(1).uniform(0.2, 1, 999)
    first, second = [SMALL, *quiet], [0.004, *quiet]
    assert states([first, second])[1][0] == "confirmed"
    assert states([second])[0][0] == "quiet"


@pytest.mark.parametrize("missing", [{"matters": False}, {"busy": False}])
def test_chance_alone_is_not_enough(missing):
    assert states([[SMALL], [SMALL]], **missing) == [["significant"], ["significant"]]


def test_a_confirmation_needs_an_effect_that_is_likely_as_large():
    assert states([[SMALL], [SMALL], [SMALL]], likely=False) == [["suspected"]] * 3


def test_what_cannot_be_judged_is_unable_and_keeps_what_was_known():
    nan = float("nan")
    assert states([[SMALL], [nan], [nan], [SMALL]]) == [
        ["suspected"],
        ["unable"],
        ["unable"],
        ["confirmed"],
    ]
    assert states([[nan, nan]]) == [["unable", "unable"]]


def test_weak_evidence_adds_up_over_windows():
    quiet = [0.5] * 99
    windows = [[1e-4, *quiet]] * 6
    alone = corrections.hierarchical(np.array(windows[0]), np.arange(100), 0.005)
    assert alone[0] > 0.005
    said = [state[0] for state in states(windows)]
    assert said[0] == "quiet"
    assert said[-1] == "confirmed"


def test_evidence_is_not_hoarded():
    said = [state[0] for state in states([[SMALL]] * 50 + [[0.7]] * 12)]
    assert said[-1] == "quiet"


def test_without_drift_suspicions_are_as_rare_as_stated():
    rng = np.random.default_rng(3)
    families = np.repeat(np.arange(20), 10)
    alpha, windows, suspicions, alarms = 0.05, 4000, 0, 0
    memory = rule.Memory.blank(200)
    for _ in range(windows):
        # Slices share half of what they see with the whole, as slices do.
        shared = rng.standard_normal((20, 1))
        z = np.sqrt(0.5) * shared + np.sqrt(0.5) * rng.standard_normal((20, 10))
        p = 1 - _normal(z.ravel())
        verdict = rule.judge(found(p, families=families), memory, alpha, 1)
        memory = verdict.memory
        suspicions += bool((verdict.q <= alpha).any())
        alarms += bool((verdict.state == rule.CONFIRMED).any())
    # Three standard errors of a rate of alpha.
    assert suspicions <= windows * alpha + 3 * np.sqrt(windows * alpha)
    assert suspicions >= windows * alpha / 8, "a rule that never speaks has no power"
    assert alarms <= windows * alpha**2 + 3 * np.sqrt(windows * alpha**2)


def _normal(z):
    from scipy.special import ndtr  # noqa: PLC0415

    return ndtr(z)


def test_hierarchical_correction_by_hand():
    p = np.array([0.001, 0.3, 0.02, 0.04, np.nan])
    families = np.array([0, 0, 1, 1, 1])
    # Simes: 0.002 and 0.04. Over the two features: 0.004 and 0.04; one is chosen at 0.01, so
    # slices within pay twice: 0.001 * 2 * 2 and 0.3 * 2 over.
    expected = [0.004, 0.6, 0.08, 0.08, np.nan]
    got = corrections.hierarchical(p, families, 0.01)
    assert got == pytest.approx(expected, nan_ok=True)
    # Both are chosen at 0.05, so nobody pays.
    assert corrections.hierarchical(p, families, 0.05) == pytest.approx(
        [0.004, 0.3, 0.04, 0.04, np.nan], nan_ok=True
    )


def test_adjusted_is_that_of_scipy():
    from scipy import stats  # noqa: PLC0415

    p = np.random.default_rng(5).uniform(size=50) ** 2
    assert adjusted(p) == pytest.approx(stats.false_discovery_control(p), rel=1e-14)


def test_e_values_have_mean_one_without_drift():
    # The integral of the calibrator from 0 to 1 is 1: -1 / ln(p) + ... = (p - 1) / ln p, in closed
    # form, from a to 1.
    p = np.linspace(0, 1, 2_000_001)[1:]
    total = np.trapezoid(from_p_values(p), p)
    first = p[0]
    below = (first - 1) / np.log(first) if first < 1 else 1.0
    assert total + below == pytest.approx(1.0, abs=2e-3)


def test_keys_in_any_order_give_the_same():
    rng = np.random.default_rng(9)
    p, families = rng.uniform(size=60) ** 3, rng.integers(0, 7, 60)
    order = rng.permutation(60)
    straight = corrections.hierarchical(p, families, 0.05)
    assert corrections.hierarchical(p[order], families[order], 0.05) == pytest.approx(
        straight[order], rel=1e-14
    )
