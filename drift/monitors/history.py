"""A monitor over the past: a backfill that keeps what it finds, and a dry run that does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scipy import special

from drift.monitors.judgement import Judgement
from drift.monitors.judging import FindingKey, Judged, Trace, in_turn
from drift.monitors.spread import Spread
from drift.monitors.tolerances import Tolerances, measured, stated
from sql.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from drift.monitors.finding import Finding
    from drift.monitors.monitor import Monitor
    from drift.monitors.tolerances import Tolerance, Windows
    from drift.parts import DriftParts
    from web.window import Window


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
    """What a monitor would have said.

    Parameters
    ----------
    spread
        Of the reference's windows, with the tolerance to suggest; None where too few were judged.
    """

    windows: tuple[PastWindow, ...]
    false_alarms: FalseAlarms
    memory: Mapping[FindingKey, Trace]
    spread: Spread | None = None


class History:
    """Judges the past."""

    def __init__(self, parts: DriftParts) -> None:
        self._judgement = Judgement(parts)
        self._tolerances = Tolerances(parts)
        self._settings = parts.settings
        self._clock = parts.clock

    def backfill(
        self, monitor: Monitor, window: Window, *, incidents: bool = False
    ) -> dict[str, int]:
        """Judge every window that lies within, oldest first; give how many came out how.

        Rows are kept and marked, and nobody is told.

        Parameters
        ----------
        incidents
            Whether to open historical incidents, which are closed from the start.
        """
        states: dict[str, int] = {}
        starts = self._starts(monitor, window)
        for start_ns, findings in self._judgement.past(monitor, starts):
            found = self._judgement.judge(
                monitor, start_ns, backfilled=True, incidents=incidents, findings=findings
            )
            past = PastWindow(start_ns, tuple(found), alarm=False)
            state = "confirmed" if any(one.state == "confirmed" for one in found) else past.state
            states[state] = states.get(state, 0) + 1
        return states

    def dry_run(self, monitor: Monitor, window: Window) -> DryRun:
        """Judge every window that lies within, oldest first, and keep nothing.

        Raises
        ------
        InvalidInputError
            The past is too long, or the monitor takes its tolerance from a reference too short.
        """
        starts = self._starts(monitor, window)
        on_reference = self._on_reference(monitor)
        measure = self._tolerances.measured if monitor.from_reference else measured
        natural = measure(monitor, on_reference)
        findings = self._judgement.past(monitor, starts)
        windows, memory = judged_in_turn(monitor, _tolerated(monitor, natural, findings))
        tolerated = _tolerated(monitor, natural, on_reference, is_plain=True)
        return DryRun(
            tuple(windows),
            false_alarms(monitor, tolerated),
            memory,
            natural.spread if natural else None,
        )

    def tolerance(self, monitor: Monitor) -> Tolerance | None:
        """Measure the tolerance a monitor takes from its reference; None where it takes none.

        Raises
        ------
        InvalidInputError
            Where the reference has too few windows.
        """
        if not monitor.from_reference:
            return None
        evaluator = self._judgement.evaluator(monitor.kind)
        return self._tolerances.measured(monitor, self._tolerances.windows(monitor, evaluator))

    def keep(self, monitor: Monitor, tolerance: Tolerance | None) -> None:
        """Keep what was measured for a monitor, if anything was."""
        if tolerance is not None:
            self._tolerances.keep(monitor, tolerance)

    def _on_reference(self, monitor: Monitor) -> Windows:
        try:
            return self._tolerances.windows(monitor, self._judgement.evaluator(monitor.kind))
        except (InvalidInputError, NotFoundError):
            return []

    def _starts(self, monitor: Monitor, window: Window) -> list[int]:
        """List the starts of windows that lie within and have ended."""
        first = monitor.window_of(window.from_ns)
        if first < window.from_ns:
            first += monitor.window_ns
        end = min(window.to_ns, self._clock())
        starts = range(first, end - monitor.window_ns + 1, monitor.window_ns)
        most = self._settings.drift_backfill_windows_max
        if len(starts) > most:
            raise InvalidInputError(
                f"from and to span {len(starts)} windows of {monitor.window}; at most {most} "
                "at a time, so ask for less.",
                field="from",
            )
        return list(starts)


def false_alarms(
    monitor: Monitor, on_reference: Iterable[tuple[int, list[Finding]]]
) -> FalseAlarms:
    """Judge the reference's own windows, in their order; nothing drifted in any."""
    stated_share = monitor.alpha ** (1 + monitor.confirmations)
    windows, _ = judged_in_turn(monitor, on_reference)
    fit = [one for one in windows if one.state != "unable"]
    if not fit:
        return FalseAlarms(stated_share)
    total = len(fit)
    # A cool-down would hide how often the rule is wrong.
    alarms = sum(any(found.state == "confirmed" for found in one.found) for one in fit)
    low, high = clopper_pearson(alarms, total)
    notable = sum(one.state != "quiet" for one in fit)
    return FalseAlarms(stated_share, total, alarms / total, low, high, notable / total)


def judged_in_turn(
    monitor: Monitor, findings: Iterable[tuple[int, list[Finding]]]
) -> tuple[list[PastWindow], Mapping[FindingKey, Trace]]:
    """Decide upon windows one after the other, with cool-downs, from no memory."""
    memory: Mapping[FindingKey, Trace] = {}
    quiet_until, windows = -1, []
    for start_ns, decided, after in in_turn(monitor, findings):
        memory = after
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


def _tolerated(
    monitor: Monitor,
    natural: Tolerance | None,
    windows: Iterable[tuple[int, list[Finding]]],
    *,
    is_plain: bool = False,
) -> Iterator[tuple[int, list[Finding]]]:
    """Give findings the monitor's tolerance; `is_plain` where they have none that was stated."""
    for start_ns, findings in windows:
        if monitor.from_reference and natural is not None:
            yield start_ns, natural.applied(findings)
        else:
            yield start_ns, stated(monitor, findings) if is_plain else findings
