"""The job that judges every window that is due, and again what late data have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from drift.monitors.judgement import Judgement
from drift.monitors.monitors import Monitors
from drift.monitors.results import Results
from sql.errors import AnswerableError
from web.window import SECOND_NS, Window

if TYPE_CHECKING:
    from drift.monitors.judging import Judged
    from drift.monitors.monitor import Monitor
    from drift.monitors.results import JudgedWindow
    from drift.parts import DriftParts

_logger = structlog.get_logger(__name__)


class MonitorJob:
    """Watches every enabled monitor."""

    def __init__(self, parts: DriftParts) -> None:
        self._clock = parts.clock
        self._settings = parts.settings
        self._monitors = Monitors(parts)
        self._results = Results(parts)
        self._judgement = Judgement(parts)

    @property
    def interval_s(self) -> float:
        """Seconds between two looks at what is due."""
        return self._settings.drift_monitor_interval_s

    def run(self) -> None:
        """Judge what is due; a monitor that fails holds up no other.

        Raises
        ------
        AnswerableError
            The first failure, after all the others were tried.
        """
        failed: AnswerableError | None = None
        for monitor in self._monitors.list(()):
            if not monitor.enabled:
                continue
            try:
                self._watch(monitor)
            except AnswerableError as error:
                _logger.warning("monitor_failed", monitor=monitor.id, error=error.detail)
                failed = failed or error
        if failed is not None:
            raise failed

    def _watch(self, monitor: Monitor) -> None:
        now = self._clock()
        late_s = self._judgement.late_s(monitor)
        since = now - self._ns(max(late_s, self._settings.drift_catch_up_s))
        since = min(since, now - 3 * monitor.window_ns)
        held = self._results.windows(monitor.tenant, monitor.id, since, now)
        # First what changed, as what is due now depends on it.
        self._again(monitor, held, now)
        for start_ns in self._due(monitor, held, now):
            self._judgement.judge(monitor, start_ns)

    def _due(self, monitor: Monitor, held: list[JudgedWindow], now: int) -> list[int]:
        """List the windows that have ended and were never judged, oldest first."""
        ended = now - self._ns(self._settings.drift_lag_s) - monitor.window_ns
        oldest = now - max(self._ns(self._settings.drift_catch_up_s), 2 * monitor.window_ns)
        since = max(held[-1].start_ns + 1 if held else monitor.created_at_ns, oldest)
        first = monitor.window_of(since)
        if held and first <= held[-1].start_ns:
            first += monitor.window_ns
        last = first + self._settings.drift_windows_run_max * monitor.window_ns
        return list(range(first, min(ended + 1, last), monitor.window_ns))

    def _again(self, monitor: Monitor, held: list[JudgedWindow], now: int) -> None:
        """Judge windows again that got data after they were judged, and what follows from them.

        A later window depends on an earlier one by its suspicions; the chain ends where these come
        out as they were.
        """
        late = self._late(monitor, held, now)
        follows = False
        for one in held:
            if one.start_ns not in late and not follows:
                continue
            before = self._results.memory(monitor, one.end_ns)
            found = self._judgement.judge(monitor, one.start_ns, backfilled=one.backfilled)
            follows = _differ(found, {key: trace.streak for key, trace in before.items()})

    def _late(self, monitor: Monitor, held: list[JudgedWindow], now: int) -> set[int]:
        bound = now - self._ns(self._judgement.late_s(monitor))
        pause = self._ns(self._settings.drift_late_pause_s)
        fit = [one for one in held if one.end_ns > bound and one.evaluated_ns + pause <= now]
        if not fit:
            return set()
        changed = self._judgement.changes(monitor, Window(fit[0].start_ns, fit[-1].end_ns))
        return {
            one.start_ns
            for one in fit
            if changed.newest(one.reference_version, one.start_ns, one.end_ns) > one.counted_ns
        }

    @staticmethod
    def _ns(seconds: float) -> int:
        return round(seconds * SECOND_NS)


def _differ(found: list[Judged], before: dict[tuple[str, str, str, str], int]) -> bool:
    return any(one.after.streak != before.get(one.finding.key, 0) for one in found)
