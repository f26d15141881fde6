"""What a drift statistic answers: a number, how sure it is, and what made it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: What a method is described by; enough to do the same again.
Detail = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Result:
    """One statistic of two samples, or of counts of them.

    Parameters
    ----------
    statistic
        Its name in `drift.statistics.catalog`.
    estimate
        Its value, in the unit its docstring states.
    p_value
        Probability of a value at least as extreme without drift; None where it has no test.
    low, high
        Bounds of an interval for the estimate at `level`; None where there is none.
    n_reference, n_current
        Observations that counted; what was left out is in `method`.
    method
        Everything else that is needed to reproduce the number: variant, log base, zero rule, cells,
        seed, permutations, engine.
    version
        Of the implementation; it rises when the same input would give another number.
    """

    statistic: str
    estimate: float
    n_reference: int
    n_current: int
    p_value: float | None = None
    low: float | None = None
    high: float | None = None
    level: float = 0.95
    method: Mapping[str, Detail] = field(default_factory=dict)
    version: int = 1
