"""Judges one window of a monitor from the store: finds, decides, tells, and keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from drift.monitors import catalog
from drift.monitors.alarms import Alarms
from drift.monitors.finding import Changing
from drift.monitors.judging import Judged, judged, unable
from drift.monitors.results import Results
from drift.monitors.tolerances import Tolerances
from sql.errors import InvalidInputError, NotFoundError
from web.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from drift.monitors.finding import Changes, Evaluator, Finding
    from drift.monitors.monitor import Monitor
    from drift.parts import DriftParts


_NOTHING = "the reference has nothing of what the monitor watches"


@runtime_checkable
class Several(Protocol):
    """An evaluator that can judge many windows with few statements."""

    def several(
        self, monitor: Monitor, starts: Sequence[int]
    ) -> Iterator[tuple[int, list[Finding]]]:
        """Judge adjacent windows, oldest first; raises as `Evaluator.evaluate` at the first."""
        ...


class Judgement:
    """Judges windows; it holds evaluators, and with them the references they have read."""

    def __init__(self, parts: DriftParts) -> None:
        self._parts = parts
        self._results = Results(parts)
        self._alarms = Alarms(parts)
        self._tolerances = Tolerances(parts)
        self._evaluators: dict[str, Evaluator] = {}

    def judge(
        self,
        monitor: Monitor,
        start_ns: int,
        *,
        backfilled: bool = False,
        incidents: bool = False,
        findings: list[Finding] | None = None,
    ) -> list[Judged]:
        """Judge a window and keep what came of it.

        Incident, signal and trigger come first and the rows last: a window without rows is judged
        again, and finds the incident it opened. A backfill calls nobody for what is long over, and
        opens no incident unless it is asked for historical ones.

        Parameters
        ----------
        incidents
            Whether a backfilled window opens historical incidents; any other always opens.
        findings
            Of the window, where it was evaluated before.
        """
        window = Window(start_ns, start_ns + monitor.window_ns)
        # Read before what was counted: what is counted in between is judged again, not missed.
        counted = self.changes(monitor, window)
        if findings is None:
            findings = self.findings(monitor, window)
        findings = self._tolerated(monitor, findings)
        memory = self._results.memory(monitor, start_ns)
        found = judged(monitor, findings, memory)
        told = self._alarms.raised(
            monitor, window, found, historical=backfilled, opens=incidents or not backfilled
        )
        version = max(finding.reference_version for finding in findings)
        self._results.write(
            monitor,
            window,
            found,
            told,
            backfilled=backfilled,
            counted_ns=counted.newest(version, window.from_ns, window.to_ns),
        )
        return found

    def changes(self, monitor: Monitor, window: Window) -> Changes:
        """Say when what the windows of a stretch rest on came in last."""
        evaluator = self.evaluator(monitor.kind)
        if isinstance(evaluator, Changing):
            return evaluator.changed(monitor, window.from_ns, window.to_ns)
        return self._results.counted(monitor, window)

    def late_s(self, monitor: Monitor) -> float:
        """Say how long after its end a window is judged again, in seconds."""
        evaluator = self.evaluator(monitor.kind)
        shortest = self._parts.settings.drift_late_s
        return max(shortest, evaluator.late_s) if isinstance(evaluator, Changing) else shortest

    def findings(self, monitor: Monitor, window: Window) -> list[Finding]:
        """Evaluate a window; what cannot be evaluated is one finding that says why."""
        evaluator = self.evaluator(monitor.kind)
        try:
            found = evaluator.evaluate(monitor, window.from_ns, window.to_ns)
        except (InvalidInputError, NotFoundError) as error:
            return [unable(error.detail)]
        return found or [unable(_NOTHING)]

    def _tolerated(self, monitor: Monitor, findings: list[Finding]) -> list[Finding]:
        """Give findings the tolerance of the reference where the monitor takes it from there."""
        if not monitor.from_reference or all(finding.unable for finding in findings):
            return findings
        version = max(finding.reference_version for finding in findings)
        try:
            held = self._tolerances.of(monitor, self.evaluator(monitor.kind), version)
        except (InvalidInputError, NotFoundError) as error:
            return [unable(error.detail)]
        return held.applied(findings)

    def past(self, monitor: Monitor, starts: Sequence[int]) -> Iterator[tuple[int, list[Finding]]]:
        """Evaluate adjacent windows, oldest first, together where the kind can."""
        evaluator = self.evaluator(monitor.kind)
        if not isinstance(evaluator, Several):
            for start_ns in starts:
                window = Window(start_ns, start_ns + monitor.window_ns)
                yield start_ns, self.findings(monitor, window)
            return
        try:
            for start_ns, found in evaluator.several(monitor, starts):
                yield start_ns, found or [unable(_NOTHING)]
        except (InvalidInputError, NotFoundError) as error:
            for start_ns in starts:
                yield start_ns, [unable(error.detail)]

    def evaluator(self, kind: str) -> Evaluator:
        """Give the evaluator of a kind.

        Raises
        ------
        InvalidInputError
            When there is none.
        """
        if kind not in self._evaluators:
            build = catalog.KINDS.get(kind)
            if build is None:
                raise InvalidInputError(
                    f"kind is {kind!r}; use one of {', '.join(sorted(catalog.KINDS))}.",
                    field="kind",
                )
            self._evaluators[kind] = build(self._parts)
        return self._evaluators[kind]
