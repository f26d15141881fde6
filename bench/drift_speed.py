"""Measures drift detection: see bench/drift.py."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import drift_cube
import drift_gpu
import numpy as np
from drift_contenders import Evidently, Table, Times, Values, ours, scipy_loop, timed

SAME = ("kolmogorov_smirnov", "wasserstein", "population_stability", "jensen_shannon")


def table(rows: int, columns: int, seed: int) -> tuple[Table, Table]:
    """Draw columns of five shapes; every second one drifts, by more and more."""
    random = np.random.default_rng(seed)
    sides = []
    for side in (0, 1):
        made = np.empty((rows, columns), order="F")
        for place in range(columns):
            drift = side * (place % 2) * place / columns
            shape = place // 2 % 5
            if shape == 0:
                made[:, place] = random.lognormal(drift / 5, 1.5, rows)
            elif shape == 1:
                made[:, place] = random.gamma(2.0, 3.0 + drift, rows)
            elif shape == 2:
                made[:, place] = 1e6 + random.normal(drift / 5, 1.0 + drift / 10, rows)
            elif shape == 3:
                made[:, place] = random.random(rows) ** (1 + drift / 10)
            else:
                made[:, place] = random.standard_t(4, rows) + drift / 5
        sides.append(made)
    return sides[0], sides[1]


def whole_table(chosen: argparse.Namespace) -> dict[str, Any]:
    """Compare one table three ways, turn by turn."""
    reference, current = table(chosen.rows, chosen.columns, chosen.seed)
    columns = min(chosen.evidently_columns or chosen.columns, chosen.columns)
    times = {name: Times() for name in ("ours", "scipy", "evidently")}
    results: dict[str, Any] = {}
    ours(reference[:, :2], current[:, :2], chosen.threads)
    with tempfile.TemporaryDirectory() as directory:
        if chosen.without_evidently:
            rival = None
        else:
            rival = Evidently(reference, current, columns, Path(directory))
        for _ in range(chosen.rounds):
            results["ours"] = timed(times["ours"], ours, reference, current, chosen.threads)
            results["scipy"] = timed(times["scipy"], scipy_loop, reference, current)
            if rival:
                answer = rival.run()
                times["evidently"].add(answer["wall_s"], answer["cpu_s"])
                results["evidently"] = answer["drift"]
        if rival:
            rival.__exit__(None, None, None)
    scale = {"ours": 1.0, "scipy": 1.0, "evidently": chosen.columns / columns}
    return {
        "table": f"2 x {chosen.rows} x {chosen.columns} float64",
        "rounds": chosen.rounds,
        "threads": chosen.threads,
        "cores": os.cpu_count(),
        "load_1m": round(os.getloadavg()[0], 1),
        **speeds(times, scale),
        **equality(results, chosen.columns),
        "evidently_columns": columns if rival else None,
        "evidently_extrapolated": bool(rival) and columns < chosen.columns,
    }


def speeds(times: dict[str, Times], scale: dict[str, float]) -> dict[str, Any]:
    """Give medians, and ratios to ours by wall time and by processor time."""
    found: dict[str, Any] = {}
    wall, cpu = times["ours"].medians()
    for name, one in times.items():
        if not one.wall_s:
            continue
        its_wall, its_cpu = (scale[name] * value for value in one.medians())
        found |= {f"{name}_wall_s": round(its_wall, 4), f"{name}_cpu_s": round(its_cpu, 4)}
        if name != "ours":
            found[f"ratio_vs_{name}"] = round(its_wall / wall, 1)
            found[f"ratio_vs_{name}_cpu"] = round(its_cpu / cpu, 1)
    return found


def equality(results: dict[str, Values], columns: int) -> dict[str, Any]:
    """Give the largest differences between what the contenders found."""
    mine, scipy = results["ours"], results["scipy"]
    names = [f"c{place}" for place in range(columns)]
    apart = {
        f"max_relative_difference_{key}": max(
            abs(mine[name][key] - scipy[name][key]) / abs(scipy[name][key]) for name in names
        )
        for key in SAME
    }
    apart["max_difference_p_value"] = max(
        abs(mine[name]["p_value"] - scipy[name]["p_value"]) for name in names
    )
    normed = [
        abs(mine[name]["wasserstein"] / mine[name]["reference_std"] / one["value"] - 1)
        for name, one in results.get("evidently", {}).items()
        if one["method"] == "Wasserstein distance (normed)"
    ]
    if normed:
        apart["max_relative_difference_evidently_wasserstein"] = max(normed)
        apart["evidently_columns_compared"] = len(normed)
    equal = max(apart[f"max_relative_difference_{key}"] for key in SAME) < 1e-9
    return {"equal_to_scipy": equal} | {name: float(value) for name, value in apart.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rows", type=int, default=100_000, help="of either side")
    parser.add_argument("--columns", type=int, default=100)
    parser.add_argument("--threads", type=int, help="by default what suits the table")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=20_261)
    parser.add_argument("--evidently-columns", type=int, default=0, help="fewer, extrapolated")
    parser.add_argument("--without-evidently", action="store_true")
    parser.add_argument("--features", type=int, default=1_000, help="of the cube")
    parser.add_argument("--days", type=int, default=30, help="of the cube")
    parser.add_argument("--only", choices=["table", "cube", "gpu"], default=None)
    chosen = parser.parse_args()
    result: dict[str, Any] = {}
    if chosen.only in (None, "table"):
        result |= whole_table(chosen)
    if chosen.only in (None, "cube"):
        result["cube"] = drift_cube.run(chosen.features, chosen.days, chosen.rounds, chosen.seed)
    if chosen.only in (None, "gpu"):
        result["gpu"] = drift_gpu.run(chosen.rounds, chosen.seed)
    if chosen.json:
        print(json.dumps(result))
        return 0
    for name, value in result.items():
        print(f"{name:48} {value}")
    return 0
