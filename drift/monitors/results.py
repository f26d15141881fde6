"""What monitors found, kept as rows of `drift_results`: nothing is edited, the newest row holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from drift.monitors import rule
from drift.monitors.judging import FindingKey, Judged, Trace
from web.window import SECOND_NS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drift.monitors.monitor import Monitor
    from drift.parts import DriftParts
    from web.pages import Position
    from web.window import Window

#: Judged windows back that a suspicion and its evidence are looked for in.
_MEMORY_WINDOWS = 32


@dataclass(frozen=True, slots=True)
class JudgedWindow:
    """A window as it was judged last.

    Parameters
    ----------
    state
        The gravest of its findings.
    significant
        Findings that were at least significant.
    reference_version
        It was compared with; 0 where it was not.
    counted_ns
        When the cube's newest of its hours had been counted, on the engine's clock.
    """

    start_ns: int
    end_ns: int
    evaluated_ns: int
    state: str
    significant: int
    reference_version: int
    backfilled: bool
    counted_ns: int


@dataclass(frozen=True, slots=True)
class Counted:
    """When hours were counted, by version of the reference and start of the hour."""

    hours: Mapping[tuple[int, int], int]

    def newest(self, version: int, start_ns: int, end_ns: int) -> int:
        """Give when the newest hour of a window was counted; version 0 is any."""
        return max(
            (
                at_ns
                for (counted_by, hour_ns), at_ns in self.hours.items()
                if start_ns <= hour_ns < end_ns and version in {0, counted_by}
            ),
            default=0,
        )


class Results:
    """Writes and reads what monitors found."""

    def __init__(self, parts: DriftParts) -> None:
        self._store = parts.store
        self._clock = parts.clock

    def write(
        self,
        monitor: Monitor,
        window: Window,
        found: Sequence[Judged],
        incidents: Mapping[FindingKey, tuple[str, str]],
        *,
        backfilled: bool,
        counted_ns: int,
    ) -> None:
        """Keep a judged window.

        Parameters
        ----------
        incidents
            Incident, and the state it gives, of findings that are part of one.
        counted_ns
            When its hours were counted last.
        """
        at_ns = self._clock()
        head = {
            "tenant": monitor.tenant,
            "monitor_id": monitor.id,
            "monitor_version": monitor.version,
            "window_start": window.from_ns // SECOND_NS,
            "window_end": window.to_ns // SECOND_NS,
            "model": monitor.model,
            "backfilled": backfilled,
            "evaluated_at": at_ns,
        }
        rows = [
            {
                **head,
                **_row(monitor, one, *incidents.get(one.finding.key, ("", one.state))),
                "method": _method(monitor, one, counted_ns),
            }
            for one in found
        ]
        self._store.insert("drift_results", rows)

    def memory(self, monitor: Monitor, before_ns: int) -> dict[FindingKey, Trace]:
        """Read what the windows before leave behind."""
        parameters = {
            "tenant": monitor.tenant,
            "monitor_id": monitor.id,
            "from_ns": before_ns - _MEMORY_WINDOWS * monitor.window_ns,
            "before_ns": before_ns,
        }
        return {
            (row["feature"], row["dimension"], row["value"], row["statistic"]): Trace(
                row["evidence"], row["streak"]
            )
            for row in self._store.query("drift/monitor_memory", parameters)
        }

    def counted(self, monitor: Monitor, window: Window) -> Counted:
        """Read when each hour of the monitor's cube was counted last, on the engine's clock."""
        if not monitor.reference:
            return Counted({})
        parameters = {
            "tenant": monitor.tenant,
            "reference_id": monitor.reference,
            "from_ns": window.from_ns,
            "to_ns": window.to_ns,
        }
        rows = self._store.query("drift/cube_changes", parameters)
        return Counted({(row["version"], row["hour_ns"]): row["computed_ns"] for row in rows})

    def windows(
        self, tenant: str, monitor_id: str, start_ns: int, end_ns: int
    ) -> list[JudgedWindow]:
        """Read the windows that start in a stretch of time, oldest first."""
        parameters = {
            "tenant": tenant,
            "monitor_id": monitor_id,
            "from_ns": start_ns,
            "to_ns": end_ns,
        }
        return [
            JudgedWindow(**{**row, "state": rule.STATES[row["state"]]})
            for row in self._store.query("drift/monitor_windows", parameters)
        ]

    def page(
        self, monitor: Monitor, place: Position, *, state: str, feature: str, limit: int
    ) -> list[dict[str, Any]]:
        """Read findings, newest window first."""
        window = place.window
        # Without a page before: after the last nanosecond, whatever the names.
        after = place.after or (window.to_ns, "", "", "", "")
        names = ("before_ns", "after_feature", "after_dimension", "after_value", "after_statistic")
        parameters = {
            "tenant": monitor.tenant,
            "monitor_id": monitor.id,
            "from_ns": window.from_ns,
            "to_ns": window.to_ns,
            "state": state,
            "feature": feature,
            "limit": limit,
            **dict(zip(names, after, strict=True)),
        }
        return self._store.query("drift/monitor_results", parameters)

    def standing(self, tenants: Sequence[str], since_ns: int) -> dict[tuple[str, str], Any]:
        """Read how each monitor stood in its newest judged window, by tenant and monitor."""
        parameters = {"tenants": [*tenants], "from_ns": since_ns}
        return {
            (row.pop("tenant"), row.pop("monitor_id")): row
            for row in self._store.query("drift/monitor_standing", parameters)
        }


def _row(monitor: Monitor, one: Judged, incident_id: str, state: str) -> dict[str, Any]:
    finding = one.finding
    counts = finding.counts
    held = np.zeros(0, dtype=np.int64) if counts is None else np.flatnonzero(counts)
    return {
        **finding.subject,
        "estimate": finding.estimate,
        "low": finding.low,
        "high": finding.high,
        "p_value": finding.p_value,
        "q_value": one.q_value,
        "e_value": one.after.evidence,
        "tolerance": finding.tolerance,
        "traffic_share": finding.traffic_share,
        "state": state,
        "state_reason": "cool_down" if state == "cooling" else one.reason,
        "incident_id": incident_id,
        "codes": held.tolist(),
        "counts": [] if counts is None else counts[held].tolist(),
    }


def _method(monitor: Monitor, one: Judged, counted_ns: int) -> str:
    """Write what else it takes to compute a row, and the decision, again."""
    method = {
        **one.finding.method,
        "rule_version": rule.VERSION,
        "alpha": monitor.alpha,
        "confirmations": monitor.confirmations,
        "traffic_share_min": monitor.traffic_share_min,
        "rows_min": monitor.rows_min,
        "correction": "benjamini_bogomolov+e_bh",
        "family": one.finding.feature,
        "evidence_before": one.before.evidence,
        "streak_before": one.before.streak,
        "streak": one.after.streak,
        "counted_ns": counted_ns,
    }
    return orjson.dumps(method, option=orjson.OPT_SERIALIZE_NUMPY).decode()
