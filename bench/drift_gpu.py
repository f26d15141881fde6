"""The GPU against the processor, each result compared; nothing where there is none."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from drift.arrays.choice import build, why_not_cupy
from drift.arrays.permutations import permutation_marks

if TYPE_CHECKING:
    from collections.abc import Callable

#: Decisions of 50 features on the device, and of those the processor counts too.
FEATURES, DECISIONS, COUNTED = 50, 20_000_000, 1_000_000
#: How often drawn decisions are repeated, as drawing them all takes long.
REPEATED = 10
DISTANCE_FEATURES, DISTANCE_DECISIONS = 100, 1_000_000
ROWS, DIMENSIONS, PERMUTATIONS = 20_000, 64, 1_000


def seconds(engine: Any, work: Callable[[], Any], rounds: int) -> float:
    """Give the median of a few rounds, the device idle before and after each."""
    work()
    taken = []
    for _ in range(rounds):
        engine.synchronise()
        begun = time.perf_counter()
        work()
        engine.synchronise()
        taken.append(time.perf_counter() - begun)
    return float(np.median(taken))


def wall(work: Callable[[], Any]) -> tuple[Any, float]:
    begun = time.perf_counter()
    return work(), time.perf_counter() - begun


def histograms(device: Any, host: Any, rounds: int, random: np.random.Generator) -> dict[str, Any]:
    """Count codes and floats that lie on the device, beside a copy of the same bytes."""
    part = (FEATURES, DECISIONS // REPEATED)
    codes = np.tile(random.integers(0, 254, part, dtype=np.uint8), REPEATED)
    numbers = np.tile(random.standard_normal(part, dtype=np.float32), REPEATED)
    edges = [np.sort(random.normal(size=249)) for _ in range(FEATURES)]
    found: dict[str, Any] = {}
    for name, block, count in (
        ("uint8", codes, lambda engine, values: engine.count_codes(values)),
        ("float32", numbers, lambda engine, values: engine.count_numbers(values, edges)),
    ):
        resident = device.resident(block)
        copied = seconds(device, resident.copy, rounds)
        counted = seconds(device, lambda: count(device, resident), rounds)  # noqa: B023
        few = np.ascontiguousarray(block[:, :COUNTED])
        expected, host_s = wall(lambda: count(host, few))  # noqa: B023
        found |= {
            f"{name}_gb_per_s": round(block.nbytes / counted / 1e9, 1),
            # A copy reads and writes.
            f"{name}_copy_gb_per_s": round(2 * block.nbytes / copied / 1e9, 1),
            f"{name}_values_per_s": block.size / counted,
            f"{name}_ratio_vs_processor": round(host_s / few.size * block.size / counted, 1),
            f"{name}_equal": bool(np.array_equal(expected, count(device, few))),
        }
    return found


def distances(device: Any, host: Any, rounds: int, random: np.random.Generator) -> dict[str, Any]:
    shape = (DISTANCE_FEATURES, DISTANCE_DECISIONS)
    sides = [random.standard_normal(shape, dtype=np.float32) for _ in range(2)]
    resident = [device.resident(side) for side in sides]
    taken = seconds(device, lambda: device.kolmogorov_smirnov(*resident), rounds)
    few = [side[:10] for side in sides]
    expected, host_s = wall(lambda: host.kolmogorov_smirnov(*few))
    same = device.kolmogorov_smirnov(*few)
    values = 2 * shape[0] * shape[1]
    return {
        "kolmogorov_smirnov_values_per_s": values / taken,
        "kolmogorov_smirnov_ratio_vs_processor": round(host_s * shape[0] / 10 / taken, 1),
        "kolmogorov_smirnov_equal": bool(np.array_equal(expected.estimates, same.estimates)),
    }


def kernel(device: Any, host: Any, rounds: int, random: np.random.Generator) -> dict[str, Any]:
    rows = random.standard_normal((ROWS, DIMENSIONS), dtype=np.float32)
    marks = permutation_marks(ROWS // 2, ROWS // 2, PERMUTATIONS, seed=1)
    resident = device.resident(rows), device.resident(marks)
    taken = seconds(device, lambda: device.kernel_sums(*resident, 1 / 128), rounds)
    few = slice(ROWS // 2 - 1_000, ROWS // 2 + 1_000)
    expected, _ = wall(lambda: host.kernel_sums(rows[few], marks[few], 1 / 128))
    same = device.kernel_sums(rows[few], marks[few], 1 / 128)
    return {
        "mmd_permutations": PERMUTATIONS,
        "mmd_rows": ROWS,
        "mmd_s": round(taken, 4),
        "mmd_largest_relative_difference": float(
            np.max(np.abs(same.within - expected.within) / expected.within)
        ),
    }


def run(rounds: int, seed: int) -> dict[str, Any]:
    """Measure all three, or say why not."""
    lacking = why_not_cupy()
    if lacking:
        return {"skipped": lacking}
    device, host = build("cupy"), build("numpy", threads=2)
    random = np.random.default_rng(seed)
    found: dict[str, Any] = {"device": getattr(device, "device", "")}
    for measure in (histograms, distances, kernel):
        found |= measure(device, host, rounds, random)
    return found
