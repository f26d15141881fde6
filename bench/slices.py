"""Slice finding against PyPI's sliceline on the same tables in one run: time, memory, same top K.

Where CuPy finds a GPU, it searches too, and has to find the same slices.

The peer lives in an environment of its own, made on first use under .bench/sliceline; where that
cannot be, its figures are absent and the run says why.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

# Beside this file lies one that is called like the package, and Python looks there first.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from drift.arrays.choice import why_not_cupy
from drift.slices.columns import column
from drift.slices.engine.device import DeviceEngine
from drift.slices.engine.processor import ProcessorEngine
from drift.slices.score import Score
from drift.slices.search import Search
from drift.slices.table import table

if TYPE_CHECKING:
    from collections.abc import Callable

    from drift.slices.bitmaps import Bitmaps

HERE = Path(__file__).parent
PEER = HERE.parent / ".bench" / "sliceline"
PEER_VERSION = "sliceline==0.3.0"
RUNS = 3
#: Values of Adult's 14 columns, numbers in ten bins.
ADULT = (10, 9, 10, 16, 16, 7, 15, 6, 5, 2, 10, 10, 10, 42)


@dataclass(frozen=True)
class Case:
    """A table, and what is asked of it."""

    name: str
    codes: np.ndarray[Any, Any]
    errors: np.ndarray[Any, Any]
    alpha: float
    level_max: int
    support: int
    k: int = 10
    target_s: float | None = None


def own_benchmark() -> Case:
    """Give the table of sliceline's own benchmark, "large": 50,000 x 30, two levels."""
    rng = np.random.RandomState(42)
    rows, half = 50_000, 25_000
    codes = rng.randint(1, 11, size=(rows, 30))
    codes[:half, 0], codes[half:, 0] = 1, 2
    codes[:half, 1], codes[half:, 1] = 1, rng.randint(1, 11, size=half)
    errors = np.ones(rows)
    errors[half:] = rng.random_sample(half) * 0.2
    return Case("sliceline_large", codes, errors, 0.6, 2, rows // 100, target_s=1.0)


def adult(rows: int = 32_561, *, level_max: int = 3) -> Case:
    """Give a table of Adult's size and skew, with errors planted in two slices."""
    rng = np.random.default_rng(1)
    columns = []
    for values in ADULT:
        weights = 1 / np.arange(1, values + 1) ** 1.1
        columns.append(rng.choice(values, rows, p=weights / weights.sum()))
    codes = np.stack(columns, axis=1)
    likely = np.full(rows, 0.12)
    likely[(codes[:, 3] == 1) & (codes[:, 6] == 2)] = 0.55
    likely[(codes[:, 5] == 0) & (codes[:, 9] == 1) & (codes[:, 7] == 1)] = 0.45
    errors = (rng.random(rows) < likely).astype(float)
    return Case(f"adult_{rows}", codes, errors, 0.95, level_max, rows // 100, target_s=0.5)


def ours(case: Case, opened: Callable[[Bitmaps], ProcessorEngine | DeviceEngine]) -> dict[str, Any]:
    started = time.perf_counter()
    numeric = np.full(len(case.codes), -1, dtype=np.int32)
    columns = [
        column(str(at), one.astype(float), numeric, [], cells=256, support=case.support)
        for at, one in enumerate(case.codes.T)
    ]
    made = table(columns, case.errors, support=case.support)
    score = Score(made.rows, made.errors.total, case.alpha, case.support)
    with opened(made.bitmaps) as engine:
        # The peer lists a slice again under a longer description of the same rows.
        search = Search(
            engine, score, made.feature_of, k=case.k, level_max=case.level_max, minimal=False
        )
        found = search.run(made.basic)
    seconds = time.perf_counter() - started
    return {
        "seconds": seconds,
        "slices": [
            {
                "conditions": sorted(
                    [int(made.predicates[at].feature), float(made.predicates[at].value or 0)]
                    for at in one.members
                ),
                "score": one.score,
                "size": one.size,
            }
            for one in found
        ],
        "evaluated": search.tally.evaluated,
        "pruned": search.tally.pruned,
        "engine": engine.name,
    }


def peer_environment() -> str | None:
    """Make the peer's environment; give why it cannot be."""
    if (PEER / "bin" / "python").exists():
        return None
    try:
        subprocess.run([sys.executable, "-m", "venv", PEER], check=True, capture_output=True)
        pip = [PEER / "bin" / "pip", "install", "-q", PEER_VERSION]
        subprocess.run(pip, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        return f"{PEER_VERSION} cannot be installed: {error}"
    return None


def peer(case: Case, timeout_s: float) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "table.npz"
        np.savez(file, codes=case.codes, errors=case.errors)
        asked = {"alpha": case.alpha, "k": case.k, "max_l": case.level_max, "min_sup": case.support}
        command = [PEER / "bin" / "python", HERE / "slices_peer.py", file, json.dumps(asked)]
        try:
            answer = subprocess.run(
                command, check=True, capture_output=True, text=True, timeout=timeout_s
            )
        except subprocess.TimeoutExpired:
            return {"absent": f"not done after {timeout_s:g} s"}
        except subprocess.CalledProcessError as error:
            return {"absent": error.stderr.strip().splitlines()[-1]}
    return dict(json.loads(answer.stdout))


def timed(
    case: Case, opened: Callable[[Bitmaps], ProcessorEngine | DeviceEngine]
) -> dict[str, Any]:
    runs = [ours(case, opened) for _ in range(RUNS)]
    return runs[0] | {"seconds": statistics.median(one["seconds"] for one in runs)}


def on_device(case: Case, mine: dict[str, Any]) -> dict[str, Any]:
    lacking = why_not_cupy()
    if lacking:
        return {"absent": lacking}
    cupy = import_module("drift.arrays.cupy_engine").cp
    opened = partial(DeviceEngine, library=cupy)
    ours(case, opened)
    found = timed(case, opened)
    found["same_slices"] = found.pop("slices") == mine["slices"]
    return found | {"ratio_vs_processor": mine["seconds"] / found["seconds"]}


def compared(case: Case, threads: int, timeout_s: float, why_not: str | None) -> dict[str, Any]:
    mine = timed(case, partial(ProcessorEngine, threads=threads))
    theirs = {"absent": why_not} if why_not else peer(case, timeout_s)
    result: dict[str, Any] = {
        "case": case.name,
        "rows": len(case.codes),
        "features": case.codes.shape[1],
        "level_max": case.level_max,
        "target_s": case.target_s,
        "ours": mine,
        "gpu": on_device(case, mine),
        "sliceline": theirs,
    }
    if "seconds" in theirs:
        result["ratio_vs_sliceline"] = theirs["seconds"] / mine["seconds"]
        result["same_top_k"] = same(mine["slices"], theirs["slices"])
    return result


def same(mine: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> bool:
    """Whether scores agree, and slices too where their score is not shared with the last one."""
    if len(theirs) < len(mine) or not mine:
        return not mine and not theirs
    scores = [[one["score"] for one in held[: len(mine)]] for held in (mine, theirs)]
    if not np.allclose(scores[0], scores[1], rtol=1e-6):
        return False
    tied = mine[-1]["score"]
    sets = [
        {str(one["conditions"]) for one in held if one["score"] > tied * (1 + 1e-6)}
        for held in (mine, theirs)
    ]
    return sets[0] == sets[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="write JSON")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--peer-timeout-s", type=float, default=300.0)
    parser.add_argument("--large", action="store_true", help="also Adult times 30, ours alone")
    chosen = parser.parse_args()
    why_not = peer_environment()
    # The peer's rows times candidates do not fit a small machine at level 3; level 2 is compared.
    cases = [own_benchmark(), adult(level_max=2), adult()]
    results = [compared(case, chosen.threads, chosen.peer_timeout_s, why_not) for case in cases]
    if chosen.large:
        results.append(compared(adult(976_830), chosen.threads, 0, "not asked"))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    report = {"numpy": np.__version__, "peak_mb": round(peak_mb), "cases": results}
    if chosen.json:
        print(json.dumps(report, indent=2))
        return
    for one in results:
        theirs = one["sliceline"]
        shown = f"{theirs['seconds']:.2f} s" if "seconds" in theirs else theirs["absent"]
        print(
            f"{one['case']} level {one['level_max']}: {one['ours']['seconds']:.3f} s, "
            f"sliceline {shown}, ratio {one.get('ratio_vs_sliceline', float('nan')):.0f}, "
            f"same top K: {one.get('same_top_k')}"
        )


if __name__ == "__main__":
    main()
