"""A monitor over the past: a backfill that keeps what it finds, and a dry run that does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from scipy import special

from drift.monitors.judgement import Judgement
from drift.monitors.judging import FindingKey, Judged, Trace, judged, remembered
from sql.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from drift.monitors.finding import Finding
    from drift.monitors.monitor import Monitor
    from drift.parts import DriftParts
    from web.window import Window


@runtime_checkable
class OnReference(Protocol):
    """An evaluator that can judge the reference's own time."""

    def on_reference(self, monitor: Monitor) -> Iterator[tuple[int, list[Finding]]]:
        """Judge each window of the reference against the rest of it."""
        ...


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """How often a monitor is wrong.

    Parameters
    ----------
    stated
        Share of windows with a false alarm it promises at most: alpha ** (1 + confirmations).
    windows
        Of the reference that were judged.
    on_reference
        Share of these with an alarm, where by definition nothing drifted; None where there was no
        window to judge.
    low, high
        Interval of it at 95 %, by Clopper and Pearson, taking windows as independent.
    suspicions
        Share of these windows with something not by chance.
    """

    stated: float
    windows: int = 0
    on_reference: float | None = None
    low: float | None = None
    high: float | None = None
    suspicions: float | None = None


@dataclass(frozen=True, slots=True)
class PastWindow:
    """One window of a dry run."""

    start_ns: int
    found: tuple[Judged, ...]
    alarm: bool

    @property
    def state(self) -> str:
        """The gravest of its findings."""
        if self.alarm:
            return "confirmed"
        order = ("cooling", "confirmed", "suspected", "significant", "quiet")
        held = {one.state for one in self.found}
        # A confirmed finding that opens nothing new is within the cool-down of another.
        if "confirmed" in held:
            return "cooling"
        return next((state for state in order if state in held), "unable")


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a monitor would have said."""

    windows: tuple[PastWindow, ...]
    false_alarms: FalseAlarms
    memory: Mapping[FindingKey, Trace]


class History:
    """Judges the past."""

    def __init__(self, parts: DriftParts) -> None:
        self._judgement = Judgement(parts)
        self._settings = parts.settings
        self._clock = parts.clock

    def backfill(self, monitor: Monitor, window: Window) -> dict[str, int]:
        """Judge every window that lies within, oldest first; give how many came out how.

        Rows are kept and marked; no incident is opened and nobody is told.
        """
        states: dict[str, int] = {}
        starts = self._starts(monitor, window)
        for start_ns, findings in self._judgement.past(monitor, starts):
            found = self._judgement.judge(monitor, start_ns, backfilled=True, findings=findings)
            past = PastWindow(start_ns, tuple(found), alarm=False)
            state = "confirmed" if any(one.state == "confirmed" for one in found) else past.state
            states[state] = states.get(state, 0) + 1
        return states

    def dry_run(self, monitor: Monitor, window: Window) -> DryRun:
        """Judge every window that lies within, oldest first, and keep nothing."""
        starts = self._starts(monitor, window)
        findings = self._judgement.past(monitor, starts)
        windows, memory = judged_in_turn(monitor, findings)
        return DryRun(tuple(windows), self.false_alarms(monitor), memory)

    def false_alarms(self, monitor: Monitor) -> FalseAlarms:
        """Judge the reference's own windows, in their order, each against the rest."""
        stated = monitor.alpha ** (1 + monitor.confirmations)
        evaluator = self._judgement.evaluator(monitor.kind)
        if not isinstance(evaluator, OnReference):
            return FalseAlarms(stated)
        try:
            held = evaluator.on_reference(monitor)
            windows, _ = judged_in_turn(monitor, _first(held, self._most))
        except (InvalidInputError, NotFoundError):
            return FalseAlarms(stated)
        fit = [one for one in windows if one.state != "unable"]
        if not fit:
            return FalseAlarms(stated)
        total = len(fit)
        # A cool-down would hide how often the rule is wrong.
        alarms = sum(any(found.state == "confirmed" for found in one.found) for one in fit)
        low, high = clopper_pearson(alarms, total)
        notable = sum(one.state != "quiet" for one in fit)
        return FalseAlarms(stated, total, alarms / total, low, high, notable / total)

    @property
    def _most(self) -> int:
        return self._settings.drift_backfill_windows_max

    def _starts(self, monitor: Monitor, window: Window) -> list[int]:
        """List the starts of windows that lie within and have ended."""
        first = monitor.window_of(window.from_ns)
        if first < window.from_ns:
            first += monitor.window_ns
        end = min(window.to_ns, self._clock())
        starts = range(first, end - monitor.window_ns + 1, monitor.window_ns)
        if len(starts) > self._most:
            raise InvalidInputError(
                f"from and to span {len(starts)} windows of {monitor.window}; at most {self._most} "
                "at a time, so ask for less.",
                field="from",
            )
        return list(starts)


def judged_in_turn(
    monitor: Monitor, findings: Iterable[tuple[int, list[Finding]]]
) -> tuple[list[PastWindow], dict[FindingKey, Trace]]:
    """Decide upon windows one after the other, with cool-downs, from no memory."""
    memory: dict[FindingKey, Trace] = {}
    quiet_until, windows = -1, []
    for start_ns, found in findings:
        decided = judged(monitor, found, memory)
        memory = remembered(memory, decided)
        confirmed = any(one.state == "confirmed" for one in decided)
        alarm = confirmed and start_ns >= quiet_until
        if alarm:
            quiet_until = start_ns + monitor.cool_down_ns
        windows.append(PastWindow(start_ns, tuple(decided), alarm))
    return windows, memory


def clopper_pearson(count: int, total: int) -> tuple[float, float]:
    """Give the exact interval for a share at 95 %.

    Examples
    --------
    >>> low, high = clopper_pearson(0, 168)
    >>> low, round(high, 4)
    (0.0, 0.0217)
    """
    low = float(special.betaincinv(count, total - count + 1, 0.025)) if count else 0.0
    high = float(special.betaincinv(count + 1, total - count, 0.975)) if count < total else 1.0
    return low, high


def _first(
    held: Iterator[tuple[int, list[Finding]]], most: int
) -> Iterator[tuple[int, list[Finding]]]:
    for place, one in enumerate(held):
        if place == most:
            return
        yield one
