"""Monitors of embeddings: vectors of a window against those of its baseline."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING

from drift.arrays.choice import Engines, EngineSettings
from drift.cells import Slice
from drift.hours import HOUR_S, Hours
from drift.performance.evaluators import sliceable
from drift.performance.scores import Population, ScoreReader
from drift.performance.vector_measures import Told, chosen
from drift.performance.vectors import Stretch, VectorReader, Vectors
from drift.references import References
from sql.errors import InvalidInputError

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
        self._scores = ScoreReader(parts)
        settings = parts.settings
        self._engines = Engines(
            EngineSettings(
                settings.drift_engine, settings.drift_gpu_values_min, settings.drift_threads
            )
        )

    def check(self, monitor: Monitor) -> None:
        """Check a monitor; raises InvalidInputError naming `statistic` or `slices`."""
        chosen(monitor.statistic)
        sliceable(monitor)

    def evaluate(self, monitor: Monitor, start_ns: int, end_ns: int) -> list[Finding]:
        """Judge a window; see `Evaluator`."""
        self.check(monitor)
        reference = self._references.of_model(monitor.tenant, monitor.reference, monitor.model)
        hours = Hours.around(start_ns, end_ns)
        fixed = reference.baseline.kind == "fixed"
        return self._judged(monitor, reference, hours, _baseline(reference, hours), held=fixed)

    def on_reference(self, monitor: Monitor) -> Iterator[tuple[int, list[Finding]]]:
        """Judge each window of the reference's own time against the rest of the reference."""
        self.check(monitor)
        reference = self._references.of_model(monitor.tenant, monitor.reference, monitor.model)
        whole = Hours.around(reference.from_ns, reference.to_ns)
        start_ns = monitor.window_of(whole.from_ns + monitor.window_ns - 1)
        while start_ns + monitor.window_ns <= whole.to_ns:
            inside = Hours.around(start_ns, start_ns + monitor.window_ns)
            hours = range(whole.from_s, whole.to_s, HOUR_S)
            rest = tuple(hour for hour in hours if not inside.from_s <= hour < inside.to_s)
            if rest and self._reader.counts(self._stretch(monitor, inside))[0]:
                others = replace(whole, only=rest)
                yield start_ns, self._judged(monitor, reference, inside, others, held=False)
            start_ns += monitor.window_ns

    def _judged(
        self, monitor: Monitor, reference: Reference, hours: Hours, others: Hours, *, held: bool
    ) -> list[Finding]:
        """Compare some hours with others; `held` where the others are the same for ever."""
        whole, baseline = self._stretch(monitor, hours), self._stretch(monitor, others)
        decisions, now = self._reader.counts(whole)
        if not decisions:
            raise InvalidInputError("There are no decisions in the window.", field="window")
        before = self._reader.counts(baseline)[1]
        names = _names(monitor, {*now, *before})
        counted = {baseline: before, whole: now}
        places = [
            (name, slice_, share)
            for slice_, share in self._slices(monitor, whole, decisions)
            for name in names
        ]
        version = (reference.id, reference.version) if held else None
        seed = hours.from_s // HOUR_S
        told = Told(monitor, reference, chosen(monitor.statistic), seed, len(places), self._engines)
        return [
            told.finding(
                name,
                slice_,
                share,
                self._sample(replace(baseline, slice=slice_), name, counted, version),
                self._sample(replace(whole, slice=slice_), name, counted, None),
            )
            for name, slice_, share in places
        ]

    @staticmethod
    def _stretch(monitor: Monitor, hours: Hours) -> Stretch:
        return Stretch(monitor.tenant, monitor.model, hours)

    def _sample(
        self,
        stretch: Stretch,
        name: str,
        counted: dict[Stretch, dict[str, int]],
        version: tuple[str, int] | None,
    ) -> list[Vectors]:
        """Read vectors; those of a version of a reference are held.

        Parameters
        ----------
        counted
            Embeddings of stretches counted so far; one that is not yet there is counted.
        """
        key = (stretch, name, version)
        if version and key in self._held:
            self._held.move_to_end(key)
            return self._held[key]
        if stretch not in counted:
            counted[stretch] = self._reader.counts(stretch)[1]
        found = self._reader.read(stretch, name, counted[stretch].get(name, 0))
        if version:
            self._held[key] = found
            if len(self._held) > _HELD_MAX:
                self._held.popitem(last=False)
        return found

    def _slices(
        self, monitor: Monitor, whole: Stretch, decisions: int
    ) -> Iterator[tuple[Slice, float]]:
        yield Slice(), 1.0
        start, end = whole.hours.from_ns, whole.hours.to_ns
        asked = Population(whole.tenant, whole.model, start, end, end - start)
        for dimension in monitor.slices:
            for value, n in self._scores.values(asked, dimension, self._values_max):
                yield Slice(dimension, value), min(1.0, n / decisions)


def _names(monitor: Monitor, seen: set[str]) -> list[str]:
    """List the embeddings to judge: those seen, and those a monitor names."""
    names = {name for name in seen if monitor.watches(name)}
    if "*" not in monitor.features:
        names.update(monitor.features)
    if not names:
        raise InvalidInputError(
            "Neither the window nor its baseline has an embedding.", field="features"
        )
    return sorted(names)


def _baseline(reference: Reference, window: Hours) -> Hours:
    if reference.baseline.kind == "fixed":
        return Hours.around(reference.from_ns, reference.to_ns)
    return window.compared_with(reference.baseline)
