"""The exact path: a feature compared by its raw values, read for the purpose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from drift.codes import UNSEEN
from drift.column import ColumnComparison
from drift.comparison import compare
from drift.hours import WEEK_S
from drift.monitors.coarsening import groups
from drift.samples import Samples
from web.window import DAY_NS, SECOND_NS

if TYPE_CHECKING:
    from drift.cells import Slice
    from drift.parts import DriftParts
    from drift.reference import FeatureReference, Reference

WEEK_NS = WEEK_S * SECOND_NS
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ExactComparison:
    """One feature by its raw values.

    Parameters
    ----------
    sampled
        Whether there were more values than were read.
    """

    column: ColumnComparison
    sampled: bool


class Exact:
    """Compares windows by raw values.

    Cells for the statistics that need them are those of the reference, taken together as the
    cube's are, so both paths measure the same.
    """

    def __init__(self, parts: DriftParts) -> None:
        self._samples = Samples(parts)
        self._most = parts.settings.sample_rows_max

    def compare(
        self,
        reference: Reference,
        feature: FeatureReference,
        whole: npt.NDArray[np.int64],
        window: Span,
        slice_: Slice,
    ) -> ExactComparison:
        """Compare one feature of a window with the reference's baseline.

        Parameters
        ----------
        whole
            What the reference's own window holds by code.
        window
            Start and end, UTC nanoseconds; the end is not included.
        """
        read = self._numbers if feature.kind == "number" else self._texts
        sides = [
            read(reference, feature, whole, spans, slice_)
            for spans in (baseline_spans(reference, window), [window])
        ]
        edges = {feature.feature: cut(feature, whole)} if feature.kind == "number" else {}
        (column,) = compare([sides[0]], [sides[1]], names=[feature.feature], edges=edges)
        return ExactComparison(column, any(side.size >= self._most for side in sides))

    def _numbers(
        self,
        reference: Reference,
        feature: FeatureReference,
        whole: npt.NDArray[np.int64],
        spans: list[Span],
        slice_: Slice,
    ) -> npt.NDArray[np.float64]:
        return np.concatenate(
            [
                self._samples.numbers(
                    reference.tenant, reference.model, feature.feature, *span, slice_
                )
                for span in spans
            ]
            or [np.zeros(0)]
        )

    def _texts(
        self,
        reference: Reference,
        feature: FeatureReference,
        whole: npt.NDArray[np.int64],
        spans: list[Span],
        slice_: Slice,
    ) -> npt.NDArray[np.uint8]:
        group = groups(feature, whole)
        code_of = {text: group[code] for code, text in enumerate(feature.categories)}
        unseen = group[UNSEEN]
        found = [
            code_of.get(text, unseen)
            for span in spans
            for text in self._samples.texts(
                reference.tenant, reference.model, feature.feature, *span, slice_
            )
        ]
        return np.array(found, dtype=np.uint8)


def cut(feature: FeatureReference, whole: npt.NDArray[np.int64]) -> list[float]:
    """Give the edges at which groups of cells end.

    Examples
    --------
    >>> from drift.reference import FeatureReference
    >>> thirds = FeatureReference("x", "number", edges=(0.0, 1.0, 2.0, 3.0))
    >>> cut(thirds, np.array([0, 1, 1, 1, 0] + [0] * 251))
    [0.0, 1.0, 2.0, 3.0]
    """
    group = groups(feature, whole)[: feature.cells]
    return [edge for place, edge in enumerate(feature.edges) if group[place] != group[place + 1]]


def baseline_spans(reference: Reference, window: Span) -> list[Span]:
    """Give the stretches of time a window is compared with, oldest first, none twice.

    Examples
    --------
    >>> from drift.reference import Baseline, Reference
    >>> weeks = Reference("t", "r", 1, "m", 0, 9, Baseline("seasonal", weeks=2), (), {})
    >>> spans = baseline_spans(weeks, (3 * WEEK_NS, 3 * WEEK_NS + 5))
    >>> [(start // WEEK_NS, end - start) for start, end in spans]
    [(1, 5), (2, 5)]
    """
    start, end = window
    baseline = reference.baseline
    if baseline.kind == "fixed":
        return [(reference.from_ns, reference.to_ns)]
    if baseline.kind == "rolling":
        return [(max(0, start - (baseline.days or 1) * DAY_NS), start)]
    spans: list[Span] = []
    for week in range(baseline.weeks or 1, 0, -1):
        first, last = start - week * WEEK_NS, min(end - week * WEEK_NS, start)
        first = max(first, spans[-1][1] if spans else 0)
        if first < last:
            spans.append((first, last))
    return spans
