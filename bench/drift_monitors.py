"""False alarms and delays of drift monitors: simulated traffic through the rule that judges it.

Each hour, decisions with correlated features are counted by feature and slice as the cube counts
them, tested against a reference of a week, and decided upon. First without any drift, then with one
of five shifts from a known hour. No store takes part: this is the statistics alone.

Of the worlds, `plain` is the same at any hour. In `daily` numbers swing with the hour, and in
`bursts` decisions of a session are alike. There the plain monitor is compared with the one that
takes its tolerance from windows of the reference, by 20 features x 8 slices.

    python bench/drift_monitors.py --json
    python bench/drift_monitors.py --world daily --json
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtri

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from drift import codes
from drift.monitors import homogeneity, rule
from drift.monitors.coarsening import (
    GROUPS,
    NUMBER_LEVELS,
    ORDINARY,
    TEXT_LEVELS,
    groups,
)
from drift.monitors.effects import DEFAULT, effects
from drift.reference import FeatureReference

if TYPE_CHECKING:
    from collections.abc import Callable

LEVELS = np.stack([NUMBER_LEVELS, TEXT_LEVELS])
#: Share of the variance the features of a decision have in common.
COMMON = 0.3
CELLS = 64
CATEGORIES = 40


@dataclass
class Traffic:
    """A model without drift: `features` correlated features, `slices` with the whole as the first.

    The last fifth of the features are texts with frequencies as 1 / rank.
    """

    features: int = 50
    slices: int = 20
    rows: int = 2000
    reference_rows: int = 336_000
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(1))

    def __post_init__(self) -> None:
        self.texts = self.features // 5
        self.numbers = self.features - self.texts
        weights = 1 / np.arange(2, self.slices + 1)
        self.shares = weights / weights.sum()
        frequencies = 1 / np.arange(1, CATEGORIES + 1)
        self.category_cuts = np.cumsum(frequencies / frequencies.sum())[:-1]
        values, _ = self.decisions(20_000)
        inner = np.quantile(values[:, : self.numbers], np.linspace(0, 1, CELLS - 1), axis=0)
        # The outermost edges are where as many decisions as the reference's end on average.
        inner[-1] = ndtri(1 - 1 / (self.reference_rows + 1))
        inner[0] = -inner[-1]
        self.edges = inner.T
        self.group = np.stack([self._groups(one, values) for one in range(self.features)])
        self.kinds = np.repeat((np.arange(self.features) >= self.numbers) * 1, self.slices)
        self.families = np.repeat(np.arange(self.features), self.slices)
        self.reference = np.zeros((self.features * self.slices, GROUPS), dtype=np.int64)
        left = self.reference_rows
        while left > 0:
            self.reference += self.counted(*self.decisions(min(left, 20_000)))
            left -= 20_000

    def decisions(self, rows: int) -> tuple[np.ndarray, np.ndarray]:
        """Make decisions: values (rows, features), of texts as numbers 0 to 1, and their slices."""
        common = self.rng.standard_normal((rows, 1)) * np.sqrt(COMMON)
        values = common + np.sqrt(1 - COMMON) * self.rng.standard_normal((rows, self.features))
        # The logistic curve stands in for the normal one: any monotone map will do.
        values[:, self.numbers :] = 1 / (1 + np.exp(-1.702 * values[:, self.numbers :]))
        return values, self.rng.choice(self.slices - 1, size=rows, p=self.shares)

    def window(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Make the decisions of a window; every one is alike."""
        return self.decisions(self.rows)

    def coded(self, values: np.ndarray) -> np.ndarray:
        """Give each value its code, shape (rows, features)."""
        found = np.empty(values.shape, dtype=np.int64)
        for one in range(self.numbers):
            found[:, one] = np.searchsorted(self.edges[one], values[:, one])
        found[:, self.numbers :] = np.searchsorted(self.category_cuts, values[:, self.numbers :])
        return found

    def counted(self, values: np.ndarray, slices: np.ndarray) -> np.ndarray:
        """Count by key and group, shape (features x slices, groups)."""
        return self.counted_codes(self.coded(values), slices)

    def counted_codes(self, found: np.ndarray, slices: np.ndarray) -> np.ndarray:
        """Count codes by key and group; the first slice of a feature is everything."""
        grouped = self.group[np.arange(self.features), found]
        keys = np.arange(self.features) * self.slices + slices[:, None] + 1
        places = (keys * GROUPS + grouped).ravel()
        counts = np.bincount(places, minlength=self.features * self.slices * GROUPS)
        counts = counts.reshape(self.features, self.slices, GROUPS)
        counts[:, 0] = counts[:, 1:].sum(axis=1)
        return counts.reshape(-1, GROUPS)

    def _groups(self, one: int, values: np.ndarray) -> np.ndarray:
        if one < self.numbers:
            reference = FeatureReference("n", "number", edges=tuple(self.edges[one]))
            counts = codes.counted(codes.of_numbers(values[:, one], self.edges[one]))
        else:
            reference = FeatureReference("t", "text", categories=tuple("x" * CATEGORIES))
            counts = np.zeros(codes.CODES, dtype=np.int64)
        return groups(reference, counts)


@dataclass
class Run:
    """What the rule said about a row of windows."""

    suspicions: list[int] = field(default_factory=list)
    alarms: list[tuple[int, int]] = field(default_factory=list)
    judging_s: float = 0.0


def watch(
    traffic: Traffic,
    windows: int,
    alpha: float,
    shift: Any = None,
    onset: int = 0,
    tolerance: Callable[[np.ndarray], np.ndarray] = np.asarray,
) -> Run:
    """Judge windows one after the other, with a shift from window `onset` on.

    Parameters
    ----------
    tolerance
        Turns what chance shows of each key into what an alarm has to reach.
    """
    run = Run()
    memory = rule.Memory.blank(traffic.features * traffic.slices)
    root = np.arange(traffic.features * traffic.slices) // traffic.slices * traffic.slices
    for window in range(windows):
        values, slices = traffic.window(window)
        if shift is not None and window >= onset:
            shift(traffic, values, slices)
        counts = traffic.counted(values, slices)
        began = time.perf_counter()
        tests = homogeneity.tested(traffic.reference, counts, LEVELS, traffic.kinds, ORDINARY)
        effect = effects(DEFAULT, tests, upper=False)
        n = counts.sum(axis=1)
        p = np.where(n >= 50, tests.p, np.nan)
        least = tolerance(effect.by_chance)
        matters = (effect.low > 0) & (effect.low >= least)
        likely = matters.copy()
        suspects = np.flatnonzero(memory.streak > 0)
        likely[suspects] = reach(tests, suspects, least)
        found = rule.Found(p, matters, likely, n >= 0.01 * n[root], traffic.families)
        verdict = rule.judge(found, memory, alpha, confirmations=1)
        run.judging_s += time.perf_counter() - began
        memory = verdict.memory
        if (verdict.state == rule.SIGNIFICANT).any() or (verdict.state == rule.SUSPECTED).any():
            run.suspicions.append(window)
        run.alarms += [(window, int(key)) for key in np.flatnonzero(verdict.state == 4)]
    return run


def reach(tests: homogeneity.Tested, keys: np.ndarray, least: np.ndarray) -> np.ndarray:
    """Say of a few keys whether the middle of their interval reaches their tolerance."""
    few = homogeneity.Tested(*(getattr(tests, one.name)[keys] for one in fields(tests)))
    effect = effects(DEFAULT, few)
    return (effect.low + effect.high) / 2 >= least[keys]


def mean(traffic: Traffic, values: np.ndarray, slices: np.ndarray) -> None:
    """Raise a number by 0.12 of its standard deviation."""
    values[:, 0] += 0.12


def scale(traffic: Traffic, values: np.ndarray, slices: np.ndarray) -> None:
    """Widen a number by an eighth."""
    values[:, 0] *= 1.125


def tail(traffic: Traffic, values: np.ndarray, slices: np.ndarray) -> None:
    """Put half a per cent of a number beyond all of the reference."""
    values[: values.shape[0] // 200, 0] = 6.0


def swap(traffic: Traffic, values: np.ndarray, slices: np.ndarray) -> None:
    """Let the second and the third category of a text change places."""
    cuts = traffic.category_cuts
    column = values[:, -1]
    two, three = (column > cuts[0]) & (column <= cuts[1]), (column > cuts[1]) & (column <= cuts[2])
    column[two], column[three] = (cuts[1] + cuts[2]) / 2, (cuts[0] + cuts[1]) / 2


def one_slice(traffic: Traffic, values: np.ndarray, slices: np.ndarray) -> None:
    """Raise a number by 0.6 of its standard deviation in the fifth slice, a fifteenth of it all."""
    values[slices == 4, 0] += 0.6


SHIFTS = {
    "mean": (mean, 0),
    "scale": (scale, 0),
    "tail": (tail, 0),
    "category_swap": (swap, -1),
    "one_slice": (one_slice, 0),
}


def measured(
    windows: int, trials: int, alpha: float, seed: int, rows: int = 2000
) -> dict[str, Any]:
    """Count false alarms without drift, and the windows until each shift raised an alarm."""
    traffic = Traffic(rows=rows, rng=np.random.default_rng(seed))
    quiet = watch(traffic, windows, alpha)
    keys = traffic.features * traffic.slices
    delays = {}
    for name, (shift, feature) in SHIFTS.items():
        shifted = feature % traffic.features
        waits, others = [], 0
        for _ in range(trials):
            run = watch(traffic, 48, alpha, shift, onset=12)
            right = [w for w, key in run.alarms if key // traffic.slices == shifted and w >= 12]
            others += sum(key // traffic.slices != shifted or w < 12 for w, key in run.alarms)
            waits.append(min(right) - 12 + 1 if right else None)
        found = [wait for wait in waits if wait is not None]
        delays[name] = {
            "trials": trials,
            "found": len(found),
            "delay_windows_median": float(np.median(found)) if found else None,
            "delay_windows_most": max(found, default=None),
            "alarms_elsewhere": others,
        }
    return {
        "features": traffic.features,
        "slices": traffic.slices,
        "decisions_a_window": rows,
        "reference_decisions": traffic.reference_rows,
        "windows": windows,
        "alpha": alpha,
        "confirmations": 1,
        "without_drift": {
            "windows_with_suspicion": len(quiet.suspicions),
            "at_most_expected": alpha * windows,
            "alarms": len(quiet.alarms),
            "alarms_at_most_expected": alpha**2 * windows,
        },
        "with_drift": delays,
        "judging_ms_a_window": round(quiet.judging_s / windows * 1000, 2),
        "keys": keys,
    }


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--windows", type=int, default=720)
    parser.add_argument("--trials", type=int, default=10)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--alpha", type=float, default=0.01)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--world", choices=("plain", "daily", "bursts"), default="plain")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    began = time.perf_counter()
    if asked.world == "plain":
        found = measured(asked.windows, asked.trials, asked.alpha, asked.seed, asked.rows)
    else:
        # It builds upon this file.
        from bench.drift_worlds import spreading  # noqa: PLC0415

        found = spreading(asked.world, asked.windows, asked.trials, asked.alpha, asked.seed)
    found["seconds"] = round(time.perf_counter() - began, 1)
    print(json.dumps(found, indent=None if asked.json else 2))


if __name__ == "__main__":
    main()
