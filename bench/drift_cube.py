"""A month of hourly counts of many features: summed, and every statistic of counts with bounds."""

from __future__ import annotations

from typing import Any

import numpy as np
from drift_contenders import Times, timed

from drift.codes import CELLS_MAX, CODES
from drift.statistics import kolmogorov_smirnov, wasserstein
from drift.statistics.jensen_shannon import jensen_shannon
from drift.statistics.population_stability import population_stability
from drift.statistics.total_variation import total_variation

HOURS = 24
DECISIONS_AN_HOUR = 2_000
DECILES = 10


def hourly(features: int, days: int, seed: int) -> Any:
    """Draw counts by code, shape (features, hours, codes): days differ by where they start."""
    random = np.random.default_rng(seed)
    shares = np.full(CELLS_MAX, 1 / CELLS_MAX)
    pool = random.multinomial(DECISIONS_AN_HOUR, shares, size=HOURS * 7).astype(np.uint16)
    counts = np.zeros((features, HOURS * days, CODES), dtype=np.uint16)
    for feature in range(features):
        drawn = random.integers(0, len(pool), HOURS * days)
        counts[feature, :, :CELLS_MAX] = pool[drawn]
    return counts


def compared(reference: Any, counts: Any, edges: Any) -> int:
    """Sum the hours of every feature and take all statistics; give how many results."""
    window = counts.sum(axis=1, dtype=np.int64)[:, :CELLS_MAX]
    parts = np.arange(DECILES) * CELLS_MAX // DECILES
    coarse = np.add.reduceat(window, parts, axis=1)
    base = np.add.reduceat(reference, parts)
    made = 0
    for fine, deciles in zip(window, coarse, strict=True):
        results = (
            kolmogorov_smirnov.from_counts(reference, fine),
            wasserstein.from_counts(reference, fine, edges, 0.0, 1.0),
            population_stability(base, deciles),
            jensen_shannon(base, deciles),
            total_variation(base, deciles),
        )
        made += len(results)
    return made


def run(features: int, days: int, rounds: int, seed: int) -> dict[str, Any]:
    """Measure one window of the whole time, all features."""
    counts = hourly(features, days, seed)
    edges = np.arange(1, CELLS_MAX) / CELLS_MAX
    reference = np.full(CELLS_MAX, 400, dtype=np.int64)
    times, summing = Times(), Times()
    made = 0
    for _ in range(rounds):
        timed(summing, lambda: counts.sum(axis=1, dtype=np.int64))
        made = timed(times, compared, reference, counts, edges)
    wall, cpu = times.medians()
    return {
        "features": features,
        "days": days,
        "decisions": features * days * HOURS * DECISIONS_AN_HOUR,
        "results": made,
        "wall_s": round(wall, 3),
        "cpu_s": round(cpu, 3),
        "of_which_sums_s": round(summing.medians()[0], 3),
    }
