"""Reads what the health of a model takes, and puts it together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from drift.performance.calibrator import Calibrator
from drift.performance.health import Health, Span, step
from drift.performance.resemblance import ResemblanceReader
from drift.performance.residual import residual, running
from drift.performance.scores import Population, ScoreReader
from drift.references import References
from sql.errors import InvalidInputError
from web.window import DAY_NS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drift.parts import DriftParts
    from drift.performance.scores import Classes, Scores


class Assessor:
    """Reads what it takes and puts it together."""

    def __init__(self, parts: DriftParts) -> None:
        self._reader = ScoreReader(parts)
        self._resemblances = ResemblanceReader(parts)
        self._references = References(parts)
        self._settings = parts.settings

    def health(
        self, population: Population, reference_id: str = "", *, tolerance: float, alpha: float
    ) -> Health:
        """Assess a model over a window.

        Parameters
        ----------
        reference_id
            Whose window confidence is calibrated on; else the days before what is asked for.
        tolerance
            Mean residual that is no drift.
        alpha
            Chance of a false alarm over all steps.

        Raises
        ------
        NotFoundError
            There is no such reference.
        InvalidInputError
            It is of another model.
        """
        baseline = self._baseline(population, reference_id)
        classes = self._reader.classes(population, baseline[0])
        calibrator = self._calibrator(baseline, classes)
        counts = self._reader.counts(population)
        scores = self._reader.read(population, classes, int(counts.sum()))
        parts = [scores.at(number) for number in range(population.steps)]
        followed = running(calibrator, parts, tolerance=tolerance, alpha=alpha)
        resemblance = self._resemblances.read(calibrator, population, baseline[0], classes)
        steps = tuple(
            step(
                Span.of(population, number),
                int(counts[number]),
                part,
                calibrator,
                classes,
                ran,
                resemblance.of(number),
            )
            for number, (part, ran) in enumerate(zip(parts, followed, strict=True))
        )
        total = residual(calibrator, scores)
        return Health(population, calibrator, classes, scores.share, steps, total)

    def window(self, population: Population, reference_id: str = "") -> tuple[Scores, Calibrator]:
        """Read the scores of a window and what calibrates them; raises as `health` does."""
        baseline = self._baseline(population, reference_id)
        classes = self._reader.classes(population, baseline[0])
        n = int(self._reader.counts(population).sum())
        scores = self._reader.read(population, classes, n)
        return scores, self._calibrator(baseline, classes)

    def baseline_received(self, population: Population, reference_id: str) -> int:
        """Say when the newest decision or label of a reference was received; 0 for none.

        A baseline that moves with the window has no such time: every label would be of the baseline
        of all windows after it. Raises as `health` does.

        Returns
        -------
        int
            UTC nanoseconds.
        """
        if not reference_id:
            return 0
        baseline = self._baseline(population, reference_id)[0]
        return max(self._reader.received(baseline).values(), default=0)

    def left_out(
        self, asked: Population, reference_id: str, window_of: Callable[[int], int]
    ) -> Iterator[tuple[int, Scores, Calibrator]]:
        """Give every window of a reference with what the rest of it calibrates.

        Parameters
        ----------
        asked
            Whose `step_ns` is the length of a window; its own window is not looked at.
        window_of
            Gives the start of the window that holds a time.
        """
        baseline = self._baseline(asked, reference_id)[0]
        first = window_of(baseline.from_ns)
        first += asked.step_ns if first < baseline.from_ns else 0
        whole = replace(asked, from_ns=first, to_ns=max(first + 1, window_of(baseline.to_ns)))
        known = self._reader.labelled(whole, self._reader.classes(whole))
        for number in np.unique(known.step):
            inside = known.step == number
            calibrator = Calibrator(
                known.of(~inside), whole.from_ns, whole.to_ns, self._settings.performance_labels_min
            )
            yield first + int(number) * asked.step_ns, known.of(inside), calibrator

    def _baseline(self, population: Population, reference_id: str) -> tuple[Population, str, int]:
        if not reference_id:
            start = population.from_ns - self._settings.performance_baseline_days * DAY_NS
            return _whole(population, max(0, start), population.from_ns), "", 0
        found = self._references.get(population.tenant, reference_id)
        if found.model != population.model:
            raise InvalidInputError(
                f"reference {reference_id!r} is of the model {found.model!r}, not of "
                f"{population.model!r}; name one of that model.",
                field="reference",
            )
        return _whole(population, found.from_ns, found.to_ns), found.id, found.version

    def _calibrator(self, baseline: tuple[Population, str, int], classes: Classes) -> Calibrator:
        population, reference_id, version = baseline
        return Calibrator(
            self._reader.labelled(population, classes),
            population.from_ns,
            population.to_ns,
            self._settings.performance_labels_min,
            reference_id,
            version,
        )


def _whole(population: Population, from_ns: int, to_ns: int) -> Population:
    """Give another window of the same decisions, as one step."""
    return replace(population, from_ns=from_ns, to_ns=to_ns, step_ns=max(1, to_ns - from_ns))
