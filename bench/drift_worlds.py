"""Traffic that spreads although nothing drifts: a daily cycle, and bursts of sessions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.drift_monitors import LEVELS, Traffic, watch
from drift.monitors import homogeneity, rule
from drift.monitors.coarsening import ORDINARY
from drift.monitors.effects import DEFAULT, effects
from drift.monitors.spread import Spread, Windows, alarmed_at, measured

HOURS = 24


@dataclass
class Spreading(Traffic):
    """Traffic whose reference is held window by window, as many as `weeks` have hours."""

    weeks: int = 1
    hour: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.parts = []
        for hour in range(self.weeks * 7 * HOURS):
            self.hour = hour
            self.parts.append(self.counted(*self.decisions(self.rows)).astype(np.int32))
        self.reference = np.sum(self.parts, axis=0, dtype=np.int64)

    def window(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Make the decisions of a window after the reference."""
        self.hour = number
        return self.decisions(self.rows)


@dataclass
class Daily(Spreading):
    """Numbers of even place swing over the day by a third of their standard deviation."""

    def decisions(self, rows: int) -> tuple[np.ndarray, np.ndarray]:
        """Make decisions of the hour, or of any hour before there is a reference."""
        values, slices = super().decisions(rows)
        hours = self.rng.uniform(0, HOURS, rows) if self.hour is None else np.full(rows, self.hour)
        values[:, : self.numbers : 2] += 0.33 * np.sin(2 * np.pi * hours / HOURS)[:, None]
        return values, slices


@dataclass
class Bursts(Spreading):
    """Half of a session's decisions repeat its first; a session has eight on average."""

    def decisions(self, rows: int) -> tuple[np.ndarray, np.ndarray]:
        """Make decisions of sessions; each by itself is distributed as in `Traffic`."""
        values, slices = super().decisions(rows)
        begins = self.rng.random(rows) < 1 / 8
        begins[0] = True
        first = np.maximum.accumulate(np.where(begins, np.arange(rows), 0))
        source = np.where(self.rng.random(rows) < 0.5, first, np.arange(rows))
        return values[source], slices[source]


WORLDS = {"daily": Daily, "bursts": Bursts}


@dataclass(frozen=True)
class Natural:
    """What the reference's own windows show.

    Parameters
    ----------
    plain_alarms, alarms
        Share of them that alarms by chance's tolerance, and by the one taken from them.
    """

    spread: Spread
    scale: np.ndarray
    plain_alarms: float
    alarms: float

    def tolerance(self, by_chance: np.ndarray) -> np.ndarray:
        """Give each key's tolerance in a window."""
        return np.maximum(by_chance, self.spread.factor * self.scale)


def natural(traffic: Spreading, alpha: float) -> Natural:
    """Compare each window of the reference with the rest of it."""
    keys = [("f", "", str(key), DEFAULT) for key in range(traffic.features * traffic.slices)]
    root = np.arange(len(keys)) // traffic.slices * traffic.slices
    shape = (len(traffic.parts), len(keys))
    sure, likely, size, chance = (np.zeros(shape) for _ in range(4))
    memory = rule.Memory.blank(len(keys))
    for row, counts in enumerate(traffic.parts):
        rest = traffic.reference - counts
        tests = homogeneity.tested(rest, counts.astype(np.int64), LEVELS, traffic.kinds, ORDINARY)
        effect = effects(DEFAULT, tests)
        n = counts.sum(axis=1)
        busy = n >= 0.01 * n[root]
        p = np.where(n >= 50, tests.p, np.nan)
        off = np.zeros(len(keys), dtype=bool)
        verdict = rule.judge(rule.Found(p, off, off, busy, traffic.families), memory, alpha, 1)
        memory = verdict.memory
        sure[row] = np.where(busy & (verdict.q <= alpha), effect.low, 0.0)
        likely[row] = np.where(busy, (effect.low + effect.high) / 2, 0.0)
        size[row] = np.where(n >= 50, np.maximum(effect.estimate, effect.by_chance), np.nan)
        chance[row] = np.maximum(effect.by_chance, 1e-300)
    held = Windows(keys, sure, likely, size)
    found = measured(held, list(range(shape[0])), alpha, confirmations=1)
    scale = np.array([found.of(key) for key in keys])
    taken = np.maximum(chance, found.factor * scale)
    return Natural(found, scale, _share(held.over(chance)), _share(held.over(taken)))


def _share(held: Windows) -> float:
    return float((alarmed_at(held, confirmations=1) >= 1).mean())


def large(traffic: Traffic, values: np.ndarray, slices: np.ndarray) -> None:
    """Raise a number by its standard deviation: more than a day or a burst does."""
    values[:, 0] += 1.0


def spreading(world: str, windows: int, trials: int, alpha: float, seed: int) -> dict[str, Any]:
    """Watch a world that spreads, plainly and with the tolerance of its reference."""
    traffic = WORLDS[world](features=20, slices=8, rng=np.random.default_rng(seed), weeks=2)
    held = natural(traffic, alpha)
    rules = {"chance": np.asarray, "reference": held.tolerance}
    found: dict[str, Any] = {}
    for name, tolerance in rules.items():
        quiet = watch(traffic, windows, alpha, tolerance=tolerance)
        runs = [watch(traffic, 36, alpha, large, 12, tolerance) for _ in range(trials)]
        waits = [[w - 11 for w, key in run.alarms if w >= 12 and key < 8] for run in runs]
        delays = [min(wait) for wait in waits if wait]
        found[name] = {
            "windows_with_alarm": len({window for window, _ in quiet.alarms}),
            "large_shift_found": len(delays),
            "delay_windows_median": float(np.median(delays)) if delays else None,
        }
    return {
        "world": world,
        "windows": windows,
        "trials": trials,
        "alpha": alpha,
        "reference_windows": held.spread.windows,
        "reference_alarms": {"chance": held.plain_alarms, "reference": held.alarms},
        "suggested": {"factor": held.spread.factor, "tolerance": held.spread.tolerance},
        "alarms_at_most": {
            "expected": held.spread.alarms.expected,
            "high": held.spread.alarms.high,
        },
        "tolerance": found,
    }
