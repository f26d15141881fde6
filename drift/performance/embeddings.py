"""Monitors of embeddings: vectors of a window against those of its baseline."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING

from drift.cells import Slice
from drift.hours import Hours
from drift.performance.evaluators import sliceable
from drift.performance.vector_measures import Told, chosen
from drift.performance.vectors import Stretch, VectorReader, Vectors
from drift.references import References
from sql.errors import InvalidInputError
from web.window import HOUR_NS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drift.monitors.finding import Finding
    from drift.monitors.monitor import Monitor
    from drift.parts import DriftParts
    from drift.reference import Reference

#: Samples of baselines an evaluator holds.
_HELD_MAX = 16


class EmbeddingEvaluator:
    """Compares a sample of a window's vectors with one of its baseline's."""

    def __init__(self, parts: DriftParts) -> None:
        self._references = References(parts)
        self._reader = VectorReader(parts)
        self._values_max = parts.settings.performance_slices_max
        self._held: OrderedDict[tuple[object, ...], list[Vectors]] = OrderedDict()
        self._store = parts.store

    def check(self, monitor: Monitor) -> None:
        """Check a monitor; raises InvalidInputError naming `statistic` or `slices`."""
        chosen(monitor.statistic)
        sliceable(monitor)

    def evaluate(self, monitor: Monitor, start_ns: int, end_ns: int) -> list[Finding]:
        """Judge a window; see `Evaluator`."""
        self.check(monitor)
        statistic = chosen(monitor.statistic)
        reference = self._reference(monitor)
        whole = Stretch(monitor.tenant, monitor.model, Hours.around(start_ns, end_ns))
        baseline = replace(whole, hours=_baseline(reference, whole.hours))
        decisions, now = self._reader.counts(whole)
        if not decisions:
            raise InvalidInputError("There are no decisions in the window.", field="window")
        before = self._reader.counts(baseline)[1]
        names = sorted(name for name in {*before, *now} if monitor.watches(name))
        if "*" not in monitor.features:
            names = sorted({*names, *monitor.features})
        if not names:
            raise InvalidInputError(
                "Neither the window nor its baseline has an embedding.", field="features"
            )
        places = [
            (name, slice_, share)
            for slice_, share in self._slices(monitor, whole, decisions)
            for name in names
        ]
        told = Told(monitor, reference, statistic, start_ns // HOUR_NS, len(places))
        return [
            told.finding(
                name,
                slice_,
                share,
                self._sample(replace(baseline, slice=slice_), name, reference),
                self._sample(replace(whole, slice=slice_), name, None),
            )
            for name, slice_, share in places
        ]

    def _sample(self, stretch: Stretch, name: str, reference: Reference | None) -> list[Vectors]:
        """Read vectors; those of a reference that does not move are held."""
        fixed = reference is not None and reference.baseline.kind == "fixed"
        key = (stretch, name, reference.id, reference.version) if fixed and reference else ()
        if key and key in self._held:
            self._held.move_to_end(key)
            return self._held[key]
        found = self._reader.read(stretch, name, self._reader.counts(stretch)[1].get(name, 0))
        if key:
            self._held[key] = found
            if len(self._held) > _HELD_MAX:
                self._held.popitem(last=False)
        return found

    def _reference(self, monitor: Monitor) -> Reference:
        reference = self._references.get(monitor.tenant, monitor.reference)
        if reference.model != monitor.model:
            raise InvalidInputError(
                f"The reference {reference.id!r} is of the model {reference.model!r}, not of "
                f"{monitor.model!r}.",
                field="reference",
            )
        return reference

    def _slices(
        self, monitor: Monitor, whole: Stretch, decisions: int
    ) -> Iterator[tuple[Slice, float]]:
        yield Slice(), 1.0
        for dimension in monitor.slices:
            asked = {
                "tenant": whole.tenant,
                "model": whole.model,
                "from_ns": whole.hours.from_ns,
                "to_ns": whole.hours.to_ns,
                "dimension": dimension,
                "limit": self._values_max,
            }
            for row in self._store.query("drift/score_slices", asked):
                yield Slice(dimension, row["value"]), min(1.0, row["n"] / decisions)


def _baseline(reference: Reference, window: Hours) -> Hours:
    if reference.baseline.kind == "fixed":
        return Hours.around(reference.from_ns, reference.to_ns)
    return window.compared_with(reference.baseline)
