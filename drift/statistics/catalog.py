"""Every drift statistic by its name, and what each takes and gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from drift.statistics.calibration import calibration
from drift.statistics.cbpe import cbpe
from drift.statistics.doc import doc
from drift.statistics.result import Result

#: What a statistic is computed from: two samples of numbers, counts of two samples in the same
#: cells, two sets of vectors, one series in order, or scores with labels.
Takes = Literal["samples", "counts", "vectors", "stream", "scores"]


@dataclass(frozen=True, slots=True)
class Statistic:
    """A drift statistic and what to expect of it.

    Parameters
    ----------
    name
        Its key in `STATISTICS`, the name of its module, and `Result.statistic`.
    function
        Of the reference and of what is compared with it; of one series for a `stream`.
    takes
        What it is computed from.
    has_p_value
        Whether its result has one.
    unit
        Of the estimate.
    symmetric
        Whether the estimate stays the same when reference and current are swapped.
    """

    name: str
    function: Callable[..., Result]
    takes: Takes
    has_p_value: bool
    unit: str
    symmetric: bool


_ALL: tuple[Statistic, ...] = (
    Statistic("calibration", calibration, "scores", True, "share", False),
    Statistic("cbpe", cbpe, "scores", False, "share", False),
    Statistic("doc", doc, "scores", False, "share", False),
)

#: Every statistic, by name.
STATISTICS: dict[str, Statistic] = {one.name: one for one in _ALL}
