"""Evaluators that need no more than the cube: counts by code of a window and of its baseline."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from drift.cells import EVERYTHING, Cells, Key
from drift.cube import Cube
from drift.monitors import omissions
from drift.monitors.comparison import Compared, compared
from drift.monitors.finding import Finding
from drift.references import References
from web.window import SECOND_NS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from drift.monitors.monitor import Monitor
    from drift.parts import DriftParts
    from drift.reference import Reference

#: Columns of a decision that are not features, by the kind of monitor that watches them.
COLUMNS = {
    "prediction": ("@outcome",),
    "confidence": ("@confidence",),
    "length": ("@input_tokens", "@output_tokens"),
}
#: References whose counts an evaluator holds.
_HELD_MAX = 32
#: Windows of a past that are read by one statement.
_READ_AT_ONCE = 24


class CountedEvaluator:
    """Compares counts of a window with its baseline.

    Parameters
    ----------
    compare
        Turns both into findings.
    columns
        What is watched instead of the monitor's features.
    """

    def __init__(
        self,
        parts: DriftParts,
        compare: Callable[[Compared], list[Finding]],
        columns: Sequence[str] = (),
    ) -> None:
        self._references = References(parts)
        self._cube = Cube(parts)
        self._compare = compare
        self._columns = tuple(columns)
        self._held: OrderedDict[tuple[str, str, int], Mapping[Key, Cells]] = OrderedDict()
        self._store = parts.store

    def evaluate(self, monitor: Monitor, start_ns: int, end_ns: int) -> list[Finding]:
        """Judge a window; see `Evaluator`."""
        reference = self._references.of_model(monitor.tenant, monitor.reference, monitor.model)
        now = self._cube.window(reference, start_ns, end_ns, features=self._watched(monitor))
        return self._judged(monitor, reference, now, (start_ns, end_ns))

    def several(
        self, monitor: Monitor, starts: Sequence[int]
    ) -> Iterator[tuple[int, list[Finding]]]:
        """Judge adjacent windows, oldest first, reading many at a time."""
        reference = self._references.of_model(monitor.tenant, monitor.reference, monitor.model)
        for start_ns, now in self._windows(monitor, reference, starts):
            end_ns = start_ns + monitor.window_ns
            yield start_ns, self._judged(monitor, reference, now, (start_ns, end_ns))

    def on_reference(self, monitor: Monitor) -> Iterator[tuple[int, list[Finding]]]:
        """Judge each window of the reference's own time.

        What is found there is no drift, so it tells how often the rule is wrong on real traffic. A
        window is compared with the rest of the reference; under a moving baseline with its own
        past, as any window is, where that was counted.
        """
        reference = self._references.of_model(monitor.tenant, monitor.reference, monitor.model)
        whole = self._counts(reference)
        first = monitor.window_of(reference.from_ns + monitor.window_ns - 1)
        starts = range(first, reference.to_ns - monitor.window_ns + 1, monitor.window_ns)
        for start_ns, now in self._windows(monitor, reference, starts):
            if not now:
                continue
            end_ns = start_ns + monitor.window_ns
            before = (
                _without(whole, now)
                if reference.baseline.kind == "fixed"
                else self._before(monitor, reference, start_ns, end_ns)
            )
            if before:
                yield start_ns, self._compare(self._compared(monitor, reference, before, now))

    def _judged(
        self,
        monitor: Monitor,
        reference: Reference,
        now: Mapping[Key, Cells],
        window: tuple[int, int],
    ) -> list[Finding]:
        watched = self._watched(monitor)
        if watched and not any(name in reference.features for name in watched):
            return []
        if not any(cells.total for cells in now.values()):
            return [Finding("", "", "", "", unable="there are no decisions in the window")]
        before = self._before(monitor, reference, *window)
        held = self._compared(monitor, reference, before, now)
        return self._compare(held) + self._besides(held, *window)

    def _before(
        self, monitor: Monitor, reference: Reference, start_ns: int, end_ns: int
    ) -> Mapping[Key, Cells]:
        if reference.baseline.kind == "fixed":
            return self._counts(reference)
        watched = self._watched(monitor)
        return self._references.baseline(reference, start_ns, end_ns, features=watched)

    def _besides(self, held: Compared, start_ns: int, end_ns: int) -> list[Finding]:
        """Say what counts do not tell."""
        return []

    def _watched(self, monitor: Monitor) -> tuple[str, ...]:
        """Give the names to read; none are all of them."""
        return self._columns or (() if "*" in monitor.features else monitor.features)

    def _windows(
        self, monitor: Monitor, reference: Reference, starts: Sequence[int]
    ) -> Iterator[tuple[int, dict[Key, Cells]]]:
        """Add up the hours of adjacent windows, oldest first; one without traffic is empty."""
        for first in range(0, len(starts), _READ_AT_ONCE):
            chosen = starts[first : first + _READ_AT_ONCE]
            held = self._cube.hours(
                reference,
                chosen[0],
                chosen[-1] + monitor.window_ns,
                features=self._watched(monitor),
                step_s=monitor.window_ns // SECOND_NS,
            )
            for start_ns in chosen:
                yield (
                    start_ns,
                    {key: cells[start_ns] for key, cells in held.items() if start_ns in cells},
                )

    def _compared(
        self,
        monitor: Monitor,
        reference: Reference,
        before: Mapping[Key, Cells],
        now: Mapping[Key, Cells],
    ) -> Compared:
        whole: dict[str, npt.NDArray[np.int64]] = {
            key.feature: cells.counts
            for key, cells in self._counts(reference).items()
            if (key.dimension, key.value) == EVERYTHING
        }
        if self._columns:
            monitor = monitor.model_copy(update={"features": self._columns})
        elif "*" in monitor.features:
            names = tuple(name for name in reference.features if not name.startswith("@"))
            monitor = monitor.model_copy(update={"features": (*names, *monitor.features[1:])})
        return compared(monitor, reference, whole, before, now)

    def _counts(self, reference: Reference) -> Mapping[Key, Cells]:
        """Read what a version of a reference holds; it never changes."""
        key = (reference.tenant, reference.id, reference.version)
        if key not in self._held:
            self._held[key] = self._references.counts(reference)
            if len(self._held) > _HELD_MAX:
                self._held.popitem(last=False)
        return self._held[key]


def _without(whole: Mapping[Key, Cells], now: Mapping[Key, Cells]) -> dict[Key, Cells]:
    """Take a window's counts out of those of the reference it lies in."""
    return {
        key: Cells(np.maximum(cells.counts - now[key].counts, 0)) if key in now else cells
        for key, cells in whole.items()
    }


class SchemaEvaluator(CountedEvaluator):
    """Compares the shares of values without a cell, and which features there are."""

    def __init__(self, parts: DriftParts) -> None:
        super().__init__(parts, omissions.schema)
        self._names: OrderedDict[tuple[str, str, int], set[str]] = OrderedDict()

    def _besides(self, held: Compared, start_ns: int, end_ns: int) -> list[Finding]:
        reference = held.reference
        key = (reference.tenant, reference.id, reference.version)
        if key not in self._names:
            self._names[key] = set(self._seen(reference, reference.from_ns, reference.to_ns))
            if len(self._names) > _HELD_MAX:
                self._names.popitem(last=False)
        decisions = int(held.now.sum(axis=1).max(initial=0))
        added = {
            name: (count, decisions)
            for name, count in self._seen(reference, start_ns, end_ns).items()
            if name not in self._names[key] and not name.startswith("@")
        }
        return omissions.additions(held, added)

    def _seen(self, reference: Reference, start_ns: int, end_ns: int) -> dict[str, int]:
        parameters = {
            "tenant": reference.tenant,
            "model": reference.model,
            "from_ns": start_ns,
            "to_ns": end_ns,
        }
        rows = self._store.query("drift/feature_names", parameters)
        return {row["feature"]: row["decisions"] for row in rows}
