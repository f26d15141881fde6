"""Whether statistics of vectors, series and scores keep their level and find drift.

The counterpart of `drift_validation` for what is not a sample of numbers. From fixed seeds.

    nice python bench/vector_validation.py --write docs/drift-validation-vectors.md
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import series_validation

from drift.statistics.calibration import calibration
from drift.statistics.catalog import STATISTICS
from drift.statistics.cbpe import cbpe
from drift.statistics.doc import doc

Values = npt.NDArray[np.float64]
Draw = Callable[[np.random.Generator, int], Values]

NAMES = [name for name, one in STATISTICS.items() if one.takes == "vectors"]
NOTHING = {"domain_classifier": 0.5}
SIZES = ((50, 50), (200, 40), (300, 300))
DRIFTED = ((100, 100), (300, 300))
PERMUTATIONS = 99
_AXES = np.random.default_rng(0).standard_normal((12, 256))


def _embedded(generator: np.random.Generator, n: int, moved: float = 0.0) -> Values:
    """Draw unit vectors near a plane of 12 dimensions, as embeddings are."""
    inner = generator.standard_normal((n, 12))
    inner[:, 0] += moved
    rows = inner @ _AXES + 2 * generator.standard_normal((n, 256))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def _linked(generator: np.random.Generator, n: int, share: float) -> Values:
    rows = generator.standard_normal((n, 5))
    rows[:, 1] = share * rows[:, 0] + math.sqrt(1 - share**2) * rows[:, 1]
    return rows


#: Without drift, then drifts by name.
WORLDS: dict[str, tuple[Draw, dict[str, Draw]]] = {
    "normal, 5 columns": (
        lambda g, n: g.standard_normal((n, 5)),
        {
            "mean +0.2": lambda g, n: 0.2 + g.standard_normal((n, 5)),
            "mean -0.2": lambda g, n: -0.2 + g.standard_normal((n, 5)),
            "spread x1.2": lambda g, n: 1.2 * g.standard_normal((n, 5)),
            "spread /1.2": lambda g, n: g.standard_normal((n, 5)) / 1.2,
            "correlation 0.5": lambda g, n: _linked(g, n, 0.5),
        },
    ),
    "heavy tails, 5 columns": (
        lambda g, n: g.standard_t(2, (n, 5)),
        {"mean +0.3": lambda g, n: 0.3 + g.standard_t(2, (n, 5))},
    ),
    "ties, 3 columns": (
        lambda g, n: g.poisson(1.0, (n, 3)).astype(float),
        {"rate x1.25": lambda g, n: g.poisson(1.25, (n, 3)).astype(float)},
    ),
    "embeddings, 256 columns": (
        _embedded,
        {"one direction +0.5": lambda g, n: _embedded(g, n, 0.5)},
    ),
}


def vectors(part: float) -> list[dict[str, Any]]:
    """Return shares of alarms at 0.05 of each statistic."""
    rows = []
    for world, (draw, drifts) in WORLDS.items():
        cases = [("", draw, sizes, 200) for sizes in SIZES]
        cases += [(name, other, sizes, 60) for name, other in drifts.items() for sizes in DRIFTED]
        for drift, current, (n, m), usual in cases:
            generator = np.random.default_rng([n, m, len(world), len(drift)])
            tries = max(4, int(usual * part))
            seen: dict[str, list[bool]] = {name: [] for name in NAMES}
            for tried in range(tries):
                pair = draw(generator, n), current(generator, m)
                for name in NAMES:
                    one = STATISTICS[name].function(
                        *pair, permutations=PERMUTATIONS, seed=1000 * n + tried
                    )
                    seen[name].append(one.p_value <= 0.05)
            alarms = {name: float(np.mean(found)) for name, found in seen.items()}
            rows.append(
                {"world": world, "drift": drift, "n": n, "m": m, "tries": tries, "alarms": alarms}
            )
    return rows


def scores(part: float) -> list[dict[str, Any]]:
    """Return how often intervals of scores hold what labels show, or what is true."""
    tries = max(10, int(400 * part))
    rows = []
    for n, m in ((500, 100), (2000, 500), (20_000, 5000)):
        generator = np.random.default_rng([n, m])
        held: dict[str, list[bool]] = {}
        for _ in range(tries):
            before, later = generator.beta(4, 2, n), generator.beta(3, 2, m)
            known, told = generator.random(n) < before, generator.random(m) < later
            found = {
                "cbpe, accuracy": (cbpe(before, known, later), ((later >= 0.5) == told).mean()),
                "cbpe, auc": (cbpe(before, known, later, metric="auc"), _area(told, later)),
                "doc": (doc(before, known, later), told.mean()),
                "ece of calibrated scores": (calibration(later, told), 0.0),
            }
            bent = later - 0.4 * later * (1 - later)
            found["ece of bent scores"] = (calibration(later, generator.random(m) < bent), None)
            for name, (one, truth) in found.items():
                true = _gap(later, bent) if truth is None else float(truth)
                held.setdefault(name, []).append(one.low <= true <= one.high)
        rows.append(
            {"n": n, "m": m, "tries": tries}
            | {"held": {name: float(np.mean(found)) for name, found in held.items()}}
        )
    return rows


def _gap(scores: Values, chances: Values) -> float:
    """Return the binned calibration error that labels without noise would show."""
    order = np.argsort(scores)
    parts = np.array_split((chances - scores)[order], 10)
    return float(sum(abs(part.sum()) for part in parts) / len(scores))


def _area(labels: npt.NDArray[np.bool_], values: Values) -> float:
    ranks = np.argsort(np.argsort(values)) + 1
    ones = int(labels.sum())
    wins = ranks[labels].sum() - ones * (ones + 1) / 2
    return float(wins / (ones * (len(labels) - ones)))


HEAD = """# Validation of the statistics of vectors, series and scores

Written by `nice python bench/vector_validation.py --write docs/drift-validation-vectors.md`; do not
edit it by hand. From fixed seeds; {cpu:.0f} s of CPU. Statistics of samples and counts have
[their own page](drift-validation.md); estimates without labels on real data are in
[model health](model-health.md) and `bench/label_free.py`.

## Vectors: alarms without drift

Share of p-values at most 0.05, in per cent, with {permutations} permutations; it should be 5. The
last column is twice the standard error. **Bold** is above 5 by more than three standard errors.

"""
POWER = """
## Vectors: drift found

Per cent of p-values at most 0.05. `mean_shift` looks at means only; a correlation or a spread is
not its business.

"""
SCORES = """
## Scores: how often 95 % intervals hold

In per cent. CBPE and DoC: what labels of the window then show; the reference is Beta(4, 2), the
window Beta(3, 2). Calibration error: the true one of the bins; its interval is made to hold at
least at its level.

"""
SERIES = """
## Series: how long quiet, how soon found

Every setting is turned until there are about {length:,} independent normal values from one false
alarm to the next ("quiet: normal", measured on other values than it was turned on). Then, without
turning it again, values per false alarm on series with heavier tails and with values that depend on
those before, and the mean number of values from a shift to its alarm (share found within {after:,}
where not all). Shifts are up or down.

Where the numbers need reading: ADWIN stays quieter than asked for even with delta near 1, so its
delays are at a longer quiet. Evidence of windows is against a normal reference, so Student's tails
are drift to it, and found. Values that depend on those before make every detector alarm more often;
give it means of batches then. KSWIN's window takes a small shift in before it finds
it, which is why its shares are below 100 %.

"""


def report(found: dict[str, Any]) -> str:
    """Write all tables."""
    levels, powers = [], []
    for row in found["vectors"]:
        error = math.sqrt(0.05 * 0.95 / row["tries"])
        where = (
            f"{row['world']}{': ' + row['drift'] if row['drift'] else ''}, {row['n']} / {row['m']}"
        )
        if row["drift"]:
            powers.append([where, *(f"{100 * row['alarms'][name]:.0f}" for name in NAMES)])
            continue
        shown = [
            f"**{100 * one:.1f}**" if one > 0.05 + 3 * error else f"{100 * one:.1f}"
            for one in (row["alarms"][name] for name in NAMES)
        ]
        levels.append([where, *shown, f"± {200 * error:.1f}"])
    names = list(found["scores"][0]["held"])
    held = [
        [f"{row['n']:,} / {row['m']:,}", *(f"{100 * row['held'][name]:.1f}" for name in names)]
        for row in found["scores"]
    ]
    ever = (
        "\nThe e-process, looked at after each of 2,000 values, ever alarmed without drift at "
        f"alpha 0.05 in {100 * found['series']['ever']:.1f} % of series.\n"
    )
    return "".join(
        [
            HEAD.format(cpu=found["cpu_s"], permutations=PERMUTATIONS),
            _table(["law, sizes", *NAMES, ""], levels),
            POWER,
            _table(["law: drift, sizes", *NAMES], powers),
            SCORES,
            _table(["reference / window", *names], held),
            SERIES.format(length=series_validation.RUN_LENGTH, after=series_validation.AFTER),
            series_validation.table(found["series"]),
            ever,
        ]
    )


def _table(head: list[str], lines: list[list[str]]) -> str:
    rule = ["---"] + ["---:"] * (len(head) - 1)
    return "".join(f"| {' | '.join(line)} |\n" for line in [head, rule, *lines])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="Markdown file to write")
    parser.add_argument("--json", action="store_true", help="print every number")
    parser.add_argument("--part", type=float, default=1.0, help="share of the repetitions")
    arguments = parser.parse_args()
    begun = time.process_time()
    found: dict[str, Any] = {
        "vectors": vectors(arguments.part),
        "scores": scores(arguments.part),
        "series": series_validation.measure(arguments.part),
    }
    found["cpu_s"] = time.process_time() - begun
    if arguments.json:
        print(json.dumps(found))
    if arguments.write:
        arguments.write.write_text(report(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
