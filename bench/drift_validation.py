"""Whether drift statistics keep their level, find drift in both directions, and cover the truth.

Tries every statistic of the catalogue with a p-value on the worlds of `validation_worlds`, and the
rules of other tools of `validation_peers` beside them. Everything is drawn from fixed seeds.

    nice python bench/drift_validation.py --write docs/drift-validation.md
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from validation_peers import PEERS
from validation_report import ratios, report
from validation_worlds import DRIFTED, LARGE, SIZES, WORLDS, Values, World

from drift.statistics.catalog import STATISTICS
from drift.statistics.steps import merge

if TYPE_CHECKING:
    from collections.abc import Callable

    from drift.statistics.result import Result

Rows = list[dict[str, Any]]
LEVELS = (0.05, 0.01, 0.001)
#: Where no drift is another number than zero.
NOTHING = {"mann_whitney": 0.5, "domain_classifier": 0.5}
#: Options that keep a repetition short.
OPTIONS: dict[str, dict[str, Any]] = {"fisher": {"draws": 499}}
#: Most observations for which tables are drawn, and for which scipy's slower rules are tried.
SLOW_MAX = 2000
#: Repetitions for which other tools' rules are tried.
PEER_TRIES = 200
#: Sizes at which intervals are compared with the true size of a drift.
TRUTH = (1000, 1000)


def results(takes: str, reference: Values, current: Values) -> dict[str, Result]:
    """Every statistic of what is given; samples are merged once for all."""
    found: dict[str, Result] = {}
    steps = merge(reference, current) if takes == "samples" else None
    for name, one in STATISTICS.items():
        if one.takes != takes or not one.has_p_value:
            continue
        if name == "fisher" and reference.size > 2 and reference.sum() + current.sum() > SLOW_MAX:
            continue
        module = importlib.import_module(f"drift.statistics.{name}")
        if steps is not None and hasattr(module, "of_steps"):
            found[name] = module.of_steps(steps)
        else:
            found[name] = one.function(reference, current, **OPTIONS.get(name, {}))
    return found


def alarms(takes: str, reference: Values, current: Values) -> dict[str, bool]:
    """Every rule of others at its default threshold."""
    if takes == "samples" and reference.size + current.size > SLOW_MAX:
        return {}
    return {name: rule(reference, current) for name, (kind, rule) in PEERS.items() if kind == takes}


def level(name: str, world: World, sizes: tuple[int, int], tries: int) -> Rows:
    """Share of alarms without drift."""
    generator = np.random.default_rng([len(name), *sizes])
    seen: dict[str, list[tuple[float, bool]]] = {}
    others: dict[str, list[bool]] = {}
    for tried in range(tries):
        reference, current = (world.draw(generator, size) for size in sizes)
        for statistic, one in results(world.takes, reference, current).items():
            nothing = NOTHING.get(statistic, 0.0)
            held = one.low is not None and one.low <= nothing + 1e-12 and nothing <= one.high
            seen.setdefault(statistic, []).append((one.p_value or 0.0, held))
        if tried < PEER_TRIES:
            for rule, alarm in alarms(world.takes, reference, current).items():
                others.setdefault(rule, []).append(alarm)
    rows: Rows = []
    for statistic, pairs in seen.items():
        p_values, held = np.array(pairs).T
        shares = {str(level): float(np.mean(p_values <= level)) for level in LEVELS}
        rows.append(
            _row("level", name, sizes, statistic, tries, shares, covered=float(held.mean()))
        )
    for rule, found in others.items():
        rows.append(_row("peer level", name, sizes, rule, tries, {"0.05": float(np.mean(found))}))
    return rows


def power(name: str, world: World, drift: str, sizes: tuple[int, int], tries: int) -> Rows:
    """Share of alarms with a drift, and how often intervals cover its true size."""
    generator = np.random.default_rng([len(name), len(drift), *sizes])
    draw = world.drifts[drift]
    true = _true(world, drift) if sizes == TRUTH else {}
    seen: dict[str, list[tuple[bool, bool]]] = {}
    others: dict[str, list[bool]] = {}
    for tried in range(tries):
        reference, current = world.draw(generator, sizes[0]), draw(generator, sizes[1])
        for statistic, one in results(world.takes, reference, current).items():
            held = one.low is not None and one.low <= true.get(statistic, -1.0) <= one.high
            seen.setdefault(statistic, []).append(((one.p_value or 0.0) <= LEVELS[0], held))
        if tried < PEER_TRIES:
            for rule, alarm in alarms(world.takes, reference, current).items():
                others.setdefault(rule, []).append(alarm)
    rows: Rows = []
    for statistic, pairs in seen.items():
        found, held = np.array(pairs).T
        shares = {"0.05": float(found.mean())}
        covered = float(held.mean()) if true else None
        rows.append(_row("power", name, sizes, statistic, tries, shares, drift, covered))
    for rule, found_by in others.items():
        shares = {"0.05": float(np.mean(found_by))}
        rows.append(_row("peer power", name, sizes, rule, tries, shares, drift))
    return rows


def _true(world: World, drift: str) -> dict[str, float]:
    """Take the estimates of samples so large that they are the truth beside `TRUTH`."""
    large = 10**12 if world.takes == "counts" else 400_000
    generator = np.random.default_rng(1)
    reference, current = world.draw(generator, large), world.drifts[drift](generator, large)
    found = results(world.takes, reference, current)
    true = {name: one.estimate for name, one in found.items()}
    if "chi_square" in true:
        true["fisher"] = true["chi_square"]
    return true


def _row(
    kind: str,
    world: str,
    sizes: tuple[int, int],
    statistic: str,
    tries: int,
    shares: dict[str, float],
    drift: str = "",
    covered: float | None = None,
) -> dict[str, Any]:
    return {
        "kind": kind,
        "world": world,
        "drift": drift,
        "n": sizes[0],
        "m": sizes[1],
        "statistic": statistic,
        "tries": tries,
        "alarms": shares,
        "covered": covered,
    }


def speed() -> Rows:
    """Milliseconds beside scipy's function of the same name, which gives no interval."""
    stats = importlib.import_module("scipy.stats")
    theirs: dict[str, Callable[[Values, Values], Any]] = {
        "kolmogorov_smirnov": stats.ks_2samp,
        "cramer_von_mises": stats.cramervonmises_2samp,
        "anderson_darling": lambda x, y: stats.anderson_ksamp([x, y], variant="midrank"),
        "mann_whitney": stats.mannwhitneyu,
        "wasserstein": stats.wasserstein_distance,
        "energy_distance": stats.energy_distance,
    }
    rows: Rows = []
    for size in (1000, 10_000, 100_000, 1_000_000):
        for kind in ("float64",) if size < 1_000_000 else ("float64", "float32"):
            generator = np.random.default_rng(size)
            pair = [
                generator.normal(size=size - lacking).astype(kind) for lacking in (0, size // 9)
            ]
            for name, other in theirs.items():
                ours = STATISTICS[name].function
                row = {"statistic": name, "size": size, "kind": kind}
                rows.append(row | {"ours_ms": _best(ours, pair), "scipy_ms": _best(other, pair)})
    return rows


def _best(function: Callable[..., Any], pair: list[Values]) -> float:
    taken = []
    for _ in range(max(3, min(50, 200_000 // pair[0].size))):
        begun = time.process_time()
        function(*pair)
        taken.append(time.process_time() - begun)
    return 1000 * min(taken)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="Markdown file to write.")
    parser.add_argument("--json", action="store_true", help="Print every number.")
    parser.add_argument("--part", type=float, default=1.0, help="Share of the repetitions.")
    parser.add_argument("--only", default="", help="Part of the names of the laws to try.")
    parser.add_argument("--speed", action="store_true", help="Only compare times with scipy's.")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")  # scipy's own, of its capped p-values.
    if arguments.speed:
        print(ratios(speed()))
        return 0
    begun, rows = time.process_time(), []
    for name, world in WORLDS.items():
        if arguments.only not in name:
            continue
        for sizes, tries in SIZES[world.takes].items():
            if world.takes == "samples" and name != "normal" and max(sizes) >= LARGE:
                continue
            rows += level(name, world, sizes, max(2, int(tries * arguments.part)))
            print(name, sizes, f"{time.process_time() - begun:.0f} s", file=sys.stderr, flush=True)
        for drift in world.drifts:
            for sizes, tries in DRIFTED[world.takes].items():
                rows += power(name, world, drift, sizes, max(2, int(tries * arguments.part)))
    measured = [] if arguments.only else speed()
    taken = time.process_time() - begun
    if arguments.json:
        print(json.dumps({"rows": rows, "speed": measured, "cpu_s": taken}))
    if arguments.write:
        arguments.write.write_text(report(rows, measured, taken, arguments.part), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
