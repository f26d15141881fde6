"""What monitors found, kept as rows of `drift_results`: nothing is edited, the newest row holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from drift.monitors import rule
from drift.monitors.judging import FindingKey, Judged, Trace
from web.window import SECOND_NS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    """

    start_ns: int
    end_ns: int
    evaluated_ns: int
    state: str
    significant: int
    reference_version: int
    backfilled: bool


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
    ) -> None:
        """Keep a judged window.

        Parameters
        ----------
        incidents
            Incident, and the state it gives, of findings that are part of one.
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
            {**head, **_row(monitor, one, *incidents.get(one.finding.key, ("", one.state)))}
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
    method = {
        **finding.method,
        "rule_version": rule.VERSION,
        "alpha": monitor.alpha,
        "confirmations": monitor.confirmations,
        "correction": "benjamini_bogomolov+e_bh",
        "family": finding.feature,
        "evidence_before": one.before.evidence,
        "streak_before": one.before.streak,
        "streak": one.after.streak,
    }
    return {
        "feature": finding.feature,
        "dimension": finding.dimension,
        "value": finding.value,
        "statistic": finding.statistic,
        "reference_id": finding.reference_id,
        "reference_version": finding.reference_version,
        "n_reference": finding.n_reference,
        "n_current": finding.n_current,
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
        "method": orjson.dumps(method, option=orjson.OPT_SERIALIZE_NUMPY).decode(),
    }
