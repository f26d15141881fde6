"""Monitors over simulated traffic: quiet without drift, and not long in finding it."""

import numpy as np
import pytest

from bench.drift_monitors import SHIFTS, Traffic, measured, watch


@pytest.fixture(scope="module")
def traffic():
    return Traffic(
        features=20, slices=8, rows=2000, reference_rows=100_000, rng=np.random.default_rng(7)
    )


def test_without_drift_windows_are_quiet(traffic):
    alpha, windows = 0.05, 200
    run = watch(traffic, windows, alpha)
    # Three standard errors above what is stated.
    assert len(run.suspicions) <= windows * alpha + 3 * np.sqrt(windows * alpha)
    assert len({window for window, _ in run.alarms}) <= 3


@pytest.mark.parametrize("name", list(SHIFTS))
def test_a_shift_is_found_within_a_few_windows(traffic, name):
    shift, feature = SHIFTS[name]
    run = watch(traffic, 30, 0.01, shift, onset=6)
    right = feature % traffic.features
    found = [window for window, key in run.alarms if key // traffic.slices == right]
    assert found
    assert found[0] >= 7, "an alarm needs the next window too"
    assert found[0] <= 20
    assert all(window >= 6 for window, _ in run.alarms)
    if name == "one_slice":
        first = [key for window, key in run.alarms if window == found[0]]
        assert right * traffic.slices + 5 in first


@pytest.mark.slow
def test_a_month_of_a_thousand_keys_alarms_no_more_than_stated():
    found = measured(windows=720, trials=3, alpha=0.01, seed=11)
    quiet = found["without_drift"]
    assert found["keys"] == 1000
    # At most alpha squared a window: 0.07 in a month, so one alarm in fourteen months.
    assert quiet["alarms"] == 0
    assert quiet["windows_with_suspicion"] <= 7.2 + 3 * np.sqrt(7.2)
    for name, shifted in found["with_drift"].items():
        assert shifted["found"] >= shifted["trials"] - (name == "mean"), name
        assert shifted["delay_windows_median"] <= (14 if name == "mean" else 4), name
        assert shifted["alarms_elsewhere"] == 0, name
