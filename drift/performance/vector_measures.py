"""How vectors of a window are compared with those of a baseline, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from drift.arrays.choice import Engines
from drift.monitors.finding import Finding
from drift.monitors.monitor import Monitor
from drift.reference import Reference
from drift.statistics.domain_classifier import domain_classifier
from drift.statistics.mean_shift import mean_shift
from drift.statistics.mmd import mmd
from drift.statistics.result import Result
from sql.errors import InvalidInputError

if TYPE_CHECKING:
    from drift.cells import Slice
    from drift.performance.vectors import Vectors

#: Permutations at least and at most; between them as many as the level needs.
_PERMUTATIONS_MIN, _PERMUTATIONS_MAX = 499, 9999


@dataclass(frozen=True, slots=True)
class Measure:
    """How vectors are compared.

    Parameters
    ----------
    zero
        What it is without drift; findings tell the distance from it.
    tolerance
        Effect that matters where a monitor states none.
    """

    function: Callable[..., Result]
    zero: float
    tolerance: float
    #: Whether an array engine does the work.
    on_engine: bool = False


#: By statistic. Without one a monitor takes the first, which finds any difference there is.
MEASURES: dict[str, Measure] = {
    "mmd": Measure(mmd, zero=0.0, tolerance=0.0, on_engine=True),
    "domain_classifier": Measure(domain_classifier, zero=0.5, tolerance=0.05),
    "mean_shift": Measure(mean_shift, zero=0.0, tolerance=0.1),
}


def chosen(statistic: str) -> str:
    """Check the statistic a monitor names; raises InvalidInputError for one that is none."""
    if statistic and statistic not in MEASURES:
        raise InvalidInputError(
            f"statistic is {statistic!r}; a monitor of kind embedding takes {', '.join(MEASURES)}.",
            field="statistic",
        )
    return statistic or next(iter(MEASURES))


@dataclass(frozen=True, slots=True)
class Told:
    """Turns two samples into a finding.

    Parameters
    ----------
    seed
        Of permutations and folds; another for every window.
    family
        Findings of the window.
    engines
        What computes kernels, chosen by the size of the samples.
    """

    monitor: Monitor
    reference: Reference
    statistic: str
    seed: int
    family: int
    engines: Engines

    def finding(
        self,
        name: str,
        slice_: Slice,
        share: float,
        before: list[Vectors],
        now: list[Vectors],
    ) -> Finding:
        """Compare two samples, each by length of vectors, the most frequent length first."""
        named: dict[str, Any] = {
            "feature": name,
            "dimension": slice_.dimension,
            "value": slice_.value,
            "statistic": self.statistic,
            "reference_id": self.reference.id,
            "reference_version": self.reference.version,
            "n_reference": len(before[0]) if before else 0,
            "n_current": len(now[0]) if now else 0,
            "traffic_share": share,
        }
        reason = self._unable(before, now)
        if reason:
            return Finding(**named, unable=reason)
        measure = MEASURES[self.statistic]
        result, chosen_for = self._measured(measure, before[0], now[0])
        low, high = result.low, result.high
        tolerance = self.monitor.tolerance
        return Finding(
            **named,
            estimate=result.estimate - measure.zero,
            low=None if low is None else low - measure.zero,
            high=None if high is None else high - measure.zero,
            p_value=result.p_value,
            tolerance=measure.tolerance if tolerance is None else tolerance,
            method={
                **result.method,
                **chosen_for,
                "version": result.version,
                "zero": measure.zero,
                "length": before[0].shape[1],
                "other_lengths": sum(map(len, [*before[1:], *now[1:]])),
                "sampled_by": "hash of the decision's id",
                "baseline": self.reference.baseline.kind,
                "tolerance_rule": "default" if tolerance is None else "stated",
            },
        )

    def _measured(
        self, measure: Measure, before: Vectors, now: Vectors
    ) -> tuple[Result, dict[str, str]]:
        asked = {"seed": self.seed, "permutations": self._permutations}
        if not measure.on_engine:
            return measure.function(before, now, **asked), {}
        engine, choice = self.engines.of(before.size + now.size)
        result = measure.function(before, now, engine=engine, **asked)
        return result, {"engine_reason": choice.reason}

    @property
    def _permutations(self) -> int:
        """So many that the least p-value is small enough for the level after correction."""
        needed = int(4 * self.family / self.monitor.alpha)
        return min(_PERMUTATIONS_MAX, max(_PERMUTATIONS_MIN, needed))

    def _unable(self, before: list[Vectors], now: list[Vectors]) -> str:
        for side, where in ((before, "baseline"), (now, "window")):
            usable = int(np.isfinite(side[0]).all(axis=1).sum()) if side else 0
            if usable < self.monitor.rows_min:
                return f"the {where} has {usable} vectors; it takes {self.monitor.rows_min}"
        if before[0].shape[1] != now[0].shape[1]:
            return (
                f"vectors have {now[0].shape[1]} numbers, those of the baseline "
                f"{before[0].shape[1]}: another model embeds"
            )
        return ""
