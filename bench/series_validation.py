"""How long detectors of a series stay quiet without drift, and how soon they find one.

Each detector's setting is turned until it alarms about once in 2,000 independent normal values, so
that delays can be compared; then what dependence and heavy tails do to that is measured.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from drift.statistics.adwin import Adwin
from drift.statistics.cusum import Cusum
from drift.statistics.e_process import BettingMean, Evidence
from drift.statistics.e_values import from_p_values
from drift.statistics.kolmogorov_smirnov import kolmogorov_smirnov
from drift.statistics.kswin import Kswin
from drift.statistics.page_hinkley import PageHinkley
from drift.statistics.stream import Detector, watched

Values = npt.NDArray[np.float64]
Build = Callable[[float], Detector]

RUN_LENGTH = 2000
SHIFTS = (0.25, 0.5, 1.0, 2.0)
#: Values before a change, and values after it within which it may be found.
BEFORE, AFTER = 1000, 3000
#: Range that normal values are taken to have where a detector asks for one.
SPAN = 8.0


class Windows:
    """Evidence of windows of 50 values, each against a reference of 2,000 by KS."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._reference = np.random.default_rng(99).standard_normal(2000)
        self._values: list[float] = []
        self._evidence = Evidence()
        self.drift_detected = False

    def update(self, x: float) -> None:
        """Take one value."""
        self.drift_detected = False
        self._values.append(x)
        if len(self._values) < 50:
            return
        p_value = kolmogorov_smirnov(self._reference, np.array(self._values)).p_value or 1e-300
        self._values.clear()
        self._evidence.update(from_p_values(p_value).item())
        if self._evidence.restarting >= self._threshold:
            self.drift_detected = True
            self._evidence = Evidence()


#: How each is built from one setting, and the range of settings from many to few alarms.
DETECTORS: dict[str, tuple[Build, float, float, str]] = {
    "CUSUM, mean known": (lambda s: Cusum(0.0, 1.0, shift=0.5, length=s), 100, 1e5, "length"),
    "Page-Hinkley": (lambda s: PageHinkley(0.25, s), 1.0, 200.0, "threshold"),
    "ADWIN": (lambda s: Adwin(1 / s, span=SPAN), 1.01, 1e4, "1/delta"),
    "ADWIN, every value": (lambda s: Adwin(1 / s, span=SPAN, clock=1), 1.01, 1e6, "1/delta"),
    "KSWIN": (lambda s: Kswin(1 / s, window=200, newest=50), 2.0, 1e5, "1/alpha"),
    "KSWIN, every value": (
        lambda s: Kswin(1 / s, window=200, newest=50, clock=1),
        10.0,
        1e7,
        "1/alpha",
    ),
    "evidence of windows": (Windows, 1.0, 1e4, "threshold"),
}
#: Series without drift: mean 0 and variance 1.
QUIET: dict[str, Callable[[np.random.Generator, int], Values]] = {
    "normal": lambda g, n: g.standard_normal(n),
    "Student, 4 degrees": lambda g, n: g.standard_t(4, n) / math.sqrt(2),
    "each 0.3 of the one before": lambda g, n: _linked(g.standard_normal(n), 0.3),
}


def _linked(noise: Values, share: float) -> Values:
    values = noise.copy()
    for index in range(1, len(values)):
        values[index] = share * values[index - 1] + math.sqrt(1 - share**2) * noise[index]
    return values


def spacing(detector: Detector, values: Values) -> float:
    """Return values per alarm; the number of values where there was none."""
    return len(values) / max(1, len(watched(detector, values).at))


def tuned(name: str, values: Values) -> float:
    """Return the setting with about `RUN_LENGTH` values per alarm, by halving in logarithms."""
    build, low, high, _ = DETECTORS[name]
    for _ in range(8):
        middle = math.sqrt(low * high)
        if spacing(build(middle), values) < RUN_LENGTH:
            low = middle
        else:
            high = middle
    return math.sqrt(low * high)


def delay(build: Build, setting: float, shift: float, tries: int) -> tuple[float, float]:
    """Return the mean delay in values of those found within `AFTER`, and the share of them."""
    generator = np.random.default_rng(int(shift * 100))
    found = []
    for _ in range(tries):
        values = generator.standard_normal(BEFORE + AFTER)
        values[BEFORE:] += shift * generator.choice([-1, 1])
        detector = build(setting)
        for index, value in enumerate(values.tolist()):
            detector.update(value)
            if index >= BEFORE and detector.drift_detected:
                found.append(index - BEFORE + 1)
                break
    return float(np.mean(found)) if found else math.nan, len(found) / tries


def ever_false(looks: int, tries: int) -> float:
    """Return how often the e-process ever alarms at 0.05 while it is looked at all the time."""
    generator = np.random.default_rng(5)
    alarmed = 0
    for _ in range(tries):
        test = BettingMean(0.9, alpha=0.05)
        for value in (generator.random(looks) < 0.9).astype(float).tolist():
            test.update(value)
            if test.drift_detected:
                alarmed += 1
                break
    return alarmed / tries


def measure(part: float) -> dict[str, Any]:
    """Return rows of detectors, and the share of e-processes that ever alarm falsely."""
    size, tries = int(100_000 * part), max(4, int(60 * part))
    generator = np.random.default_rng(1)
    quiet = {name: draw(generator, size) for name, draw in QUIET.items()}
    rows = []
    for name, (build, _, _, unit) in DETECTORS.items():
        setting = tuned(name, quiet["normal"])
        fresh = np.random.default_rng(2).standard_normal(size)
        lengths = {"normal": spacing(build(setting), fresh)}
        lengths |= {
            world: spacing(build(setting), values)
            for world, values in quiet.items()
            if world != "normal"
        }
        delays = {str(shift): delay(build, setting, shift, tries) for shift in SHIFTS}
        rows.append(
            {"detector": name, "setting": f"{unit} {setting:.3g}", "lengths": lengths}
            | {"delays": delays}
        )
    return {"rows": rows, "ever": ever_false(2000, max(20, int(200 * part)))}


def table(found: dict[str, Any]) -> str:
    """Write the rows as Markdown."""
    heads = ["detector", "setting", *(f"quiet: {world}" for world in QUIET)]
    heads += [f"delay, {shift} sd" for shift in SHIFTS]
    lines = [heads, ["---"] * 2 + ["---:"] * (len(heads) - 2)]
    for row in found["rows"]:
        quiet = [f"{row['lengths'][world]:,.0f}" for world in QUIET]
        delays = [
            f"{mean:,.0f}" + ("" if share == 1 else f" ({100 * share:.0f} %)")
            for mean, share in row["delays"].values()
        ]
        lines.append([row["detector"], row["setting"], *quiet, *delays])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
