"""Monitors over traffic that spreads without drift: quiet by the reference's own tolerance."""

import numpy as np
import pytest

from bench.drift_monitors import watch
from bench.drift_worlds import WORLDS, large, natural


@pytest.mark.parametrize("world", list(WORLDS))
def test_the_suggested_tolerance_is_quiet_where_the_plain_monitor_is_not(world):
    traffic = WORLDS[world](
        features=6, slices=4, rows=1000, reference_rows=60_000, rng=np.random.default_rng(5)
    )
    held = natural(traffic, alpha=0.01)
    assert held.spread.windows == 168
    assert held.plain_alarms > 0.5
    assert held.alarms == 0
    plain = {window for window, _ in watch(traffic, 48, 0.01).alarms}
    assert len(plain) > 12
    quiet = watch(traffic, 240, 0.01, tolerance=held.tolerance)
    # Three standard errors above what the suggestion promises with 95 % confidence.
    most = 240 * held.spread.alarms.high
    assert len({window for window, _ in quiet.alarms}) <= most + 3 * np.sqrt(most)
    found = watch(traffic, 30, 0.01, large, 12, held.tolerance)
    right = [window for window, key in found.alarms if key < traffic.slices]
    assert right
    assert 13 <= min(right) <= 18
