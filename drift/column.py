"""One column of a table against its reference, read once."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from drift.arrays.pooled import Pooled
from drift.codes import MISSING, NAN, counted
from drift.statistics import kolmogorov_smirnov, tied_paths, wasserstein
from drift.statistics.chi_square import chi_square
from drift.statistics.distance_law import noises
from drift.statistics.jensen_shannon import jensen_shannon
from drift.statistics.pooled_difference import strays_of
from drift.statistics.population_stability import population_stability
from drift.statistics.result import Result
from drift.statistics.standardised_mean_difference import Moments, about, of_moments
from drift.statistics.steps import Steps, merge
from drift.statistics.total_variation import total_variation

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from drift.arrays.buffers import Buffers

    Column = npt.NDArray[Any]
    Doubles = npt.NDArray[np.float64]

#: Cells that the reference is cut into where no edges are given.
PARTS = 10
#: Most numbers of both sides together that are simply sorted.
SORTED_MAX = 20_000
#: What a column of numbers is compared by, and one of codes.
OF_NUMBERS = (
    "kolmogorov_smirnov",
    "wasserstein",
    "population_stability",
    "jensen_shannon",
    "standardised_mean_difference",
)
OF_CODES = ("population_stability", "jensen_shannon", "total_variation", "chi_square")


@dataclass(frozen=True, slots=True)
class ColumnComparison:
    """One column of a table against its reference.

    Parameters
    ----------
    results
        By statistic.
    left_out
        Statistics that the column has no value for, and why.
    edges
        Of the cells that counts were taken in; empty for codes.
    missing_reference, missing_current
        Values that did not count: NaN, and the codes for it.
    """

    name: str
    kind: Literal["number", "code"]
    results: Mapping[str, Result]
    missing_reference: int
    missing_current: int
    left_out: Mapping[str, str] = field(default_factory=dict)
    edges: tuple[float, ...] = ()


def of_codes(name: str, pair: tuple[Column, Column], level: float) -> ColumnComparison:
    """Compare two columns of codes."""
    counts = [counted(column) for column in pair]
    missing = [int(one[NAN] + one[MISSING]) for one in counts]
    for one in counts:
        one[[NAN, MISSING]] = 0
    left_out = _empty(OF_CODES, [int(one.sum()) for one in counts])
    results: dict[str, Result] = {}
    if not left_out:
        functions: tuple[Callable[..., Result], ...] = (
            population_stability,
            jensen_shannon,
            total_variation,
            chi_square,
        )
        for statistic, function in zip(OF_CODES, functions, strict=True):
            results[statistic] = function(counts[0], counts[1], level=level)
    return ColumnComparison(name, "code", results, missing[0], missing[1], left_out)


def of_numbers(
    name: str,
    pair: tuple[Column, Column],
    edges: Doubles | None,
    level: float,
    buffers: Buffers,
) -> ColumnComparison:
    """Compare two columns of numbers, counted between `edges` or the deciles of the reference."""
    before = _numbers(pair[0], buffers, "reference numbers")
    after = _numbers(pair[1], buffers, "current numbers")
    samples, means = (before[0], after[0]), (before[1], after[1])
    missing = [column.size - sample.size for column, sample in zip(pair, samples, strict=True)]
    left_out = _empty(OF_NUMBERS, [sample.size for sample in samples])
    if left_out:
        return ColumnComparison(name, "number", {}, missing[0], missing[1], left_out)
    pooled = Pooled(samples[0], samples[1], edges=edges, parts=PARTS, buffers=buffers)
    steps = merge(*samples) if pooled.n + pooled.m <= SORTED_MAX else None
    results = {"kolmogorov_smirnov": _kolmogorov_smirnov(pooled, steps, level)}
    cut = pooled.cut()
    for function in (population_stability, jensen_shannon):
        result = function(cut.reference, cut.current, level=level)
        results[result.statistic] = result
    if pooled.finite:
        unequal = samples[0].size != samples[1].size
        first, second = (
            about(sample, mean, buffers.array("away", sample.size, np.float64), cubed=unequal)
            for sample, mean in zip(samples, means, strict=True)
        )
        results["wasserstein"] = (
            _wasserstein(pooled, (first, second), level)
            if steps is None
            else wasserstein.of_steps(steps, level=level)
        )
        if math.isfinite(first.variance + second.variance):
            results["standardised_mean_difference"] = of_moments(first, second, level=level)
        else:
            left_out = {"standardised_mean_difference": "squares of the values are beyond doubles"}
    else:
        why = "infinite values have no distance in units of the values"
        left_out = {"wasserstein": why, "standardised_mean_difference": why}
    return ColumnComparison(
        name, "number", results, missing[0], missing[1], left_out, tuple(cut.edges.tolist())
    )


def _numbers(column: Column, buffers: Buffers, side: str) -> tuple[Doubles, float]:
    """Take the numbers of a column as doubles in a row, without NaN, and their mean."""
    values: Doubles = column
    if column.dtype != np.float64 or not column.flags.c_contiguous:
        values = buffers.array(side, column.size, np.float64)
        values[:] = column
    if values.size == 0:
        return values, math.nan
    with np.errstate(over="ignore", invalid="ignore"):
        mean = float(values.mean())
    if math.isfinite(mean):
        return values, mean
    # Only where the mean is not a number there may be some that are not.
    there = ~np.isnan(values)
    return (values, mean) if there.all() else _numbers(values[there], buffers, side)


def _empty(statistics: Sequence[str], sizes: Sequence[int]) -> dict[str, str]:
    for side, size in zip(("reference", "current"), sizes, strict=True):
        if size == 0:
            return dict.fromkeys(statistics, f"{side} holds no value")
    return {}


@dataclass(frozen=True, slots=True)
class _Untied(Steps):
    """A step or two that stand for samples of too many distinct numbers for ties to matter."""

    @property
    def tied(self) -> bool:
        """Whether the law has to know of ties."""
        return False


def _steps(pooled: Pooled) -> Steps:
    """Give all steps where the law of the distance depends on them, else those that matter."""
    if pooled.grid.tied:
        points = pooled.points(tied_paths.JUMP)
        if points is None:
            return merge(pooled.reference.values, pooled.current.values)
        heights = np.diff(points[1] + points[2], prepend=0)
        if (heights >= tied_paths.JUMP * (pooled.n + pooled.m)).any():
            return Steps(*points)
    gap = pooled.gap()
    rows = [(gap.at, gap.reference, gap.current), (pooled.greatest, pooled.n, pooled.m)]
    rows = rows[:1] if gap.at == pooled.greatest else rows
    values, reference, current = zip(*rows, strict=True)
    return _Untied(np.array(values), np.array(reference), np.array(current))


def _kolmogorov_smirnov(pooled: Pooled, steps: Steps | None, level: float) -> Result:
    """Measure it by the steps; whether there were ties is not known from a few of them."""
    if steps is None:
        result = kolmogorov_smirnov.of_steps(_steps(pooled), level=level)
        method = {key: value for key, value in result.method.items() if key != "ties"}
        return replace(result, method=method)
    return kolmogorov_smirnov.of_steps(steps, level=level)


def _wasserstein(pooled: Pooled, sides: tuple[Moments, Moments], level: float) -> Result:
    """Take the exact distance, and the law of its error on the stretches of the profile."""
    profile, estimate = pooled.profile(), pooled.wasserstein()
    n, m = pooled.n, pooled.m
    together = (n * profile.reference + m * profile.current) / (n + m)
    shares = (profile.reference, profile.current, together)
    reach, null = (one.absolute() for one in noises(shares, profile.widths, (n, m), 1))
    quantile = max(reach.quantile(level), null.quantile(level))
    deviation = math.sqrt(sides[0].variance * (n - 1) / n)
    least = strays_of(estimate, *sides) if n != m else 0.0
    p_value, variant = wasserstein.tested(null, estimate, least)
    return Result(
        statistic="wasserstein",
        estimate=estimate,
        p_value=p_value,
        low=max(0.0, estimate - quantile),
        high=estimate + quantile,
        level=level,
        n_reference=n,
        n_current=m,
        method={
            "variant": variant,
            "reference_std": deviation if math.isfinite(deviation) else None,
            "interval": "triangle",
            "law_on": f"{profile.widths.size} stretches",
        },
        version=2,
    )
