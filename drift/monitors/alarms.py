"""From confirmed findings to incidents: one for everything that drifted at about the same time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from drift.incidents import FINDINGS_MAX, Incident, Incidents
from drift.monitors.triggers import Triggers
from sql.signals import Severity
from web.render import finite, timestamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drift.monitors.judging import FindingKey, Judged
    from drift.monitors.monitor import Monitor
    from drift.parts import DriftParts
    from web.window import Window

#: Kind of the signals.
SIGNAL = "drift"


class Alarms:
    """Opens incidents, and tells of them: a signal each, and what the monitor triggers.

    Each step is made where it is missing, so a crash between two is made good when the window is
    judged again, and nothing is told twice.
    """

    def __init__(self, parts: DriftParts) -> None:
        self._incidents = Incidents(parts)
        self._triggers = Triggers(parts)
        self._signals = parts.signals
        self._clock = parts.clock

    def raised(
        self,
        monitor: Monitor,
        window: Window,
        found: Sequence[Judged],
        *,
        historical: bool = False,
        opens: bool = True,
    ) -> dict[FindingKey, tuple[str, str]]:
        """Put the confirmed findings of a window into an incident.

        Parameters
        ----------
        historical
            The window is long over: the incident is closed from the start and triggers nothing.
        opens
            Whether to open or extend an incident; otherwise findings only name one they are in.

        Returns
        -------
        Incident and state of each: `confirmed`, or `cooling` where it is part of an incident of
        less than a cool-down before.
        """
        confirmed = [one for one in found if one.state == "confirmed"]
        if not confirmed:
            return {}
        near = self._near(monitor, window, historical=historical)
        if not opens:
            confirmed = [one for one in confirmed if near and near.holds(one.finding.key)]
        if not confirmed:
            return {}
        if near is None:
            near = self._open(monitor, window, confirmed, historical=historical)
        cooling = near.window_start_ns != window.from_ns
        states = {
            one.finding.key: "cooling" if cooling and near.holds(one.finding.key) else "confirmed"
            for one in confirmed
        }
        fresh = [one for one in confirmed if not near.holds(one.finding.key)]
        if fresh:
            near = self._incidents.put(_extended(near, window, fresh), reason="more drifted")
        self._signal(near)
        if monitor.trigger is not None and not historical:
            self._triggers.queue(monitor.trigger, near)
        return {key: (near.id, state) for key, state in states.items()}

    def _near(self, monitor: Monitor, window: Window, *, historical: bool) -> Incident | None:
        """Find the incident of a time less than a cool-down away, judged late or not.

        Nobody was told of a historical one, so drift that lasts does not hide behind it.
        """
        every = self._incidents.page([monitor.tenant], monitor_id=monitor.id)
        held = [one for one in every if historical or not one.historical]
        for one in held:
            if one.window_start_ns == window.from_ns:
                return one
        for one in held:
            if abs(one.window_start_ns - window.from_ns) < monitor.cool_down_ns:
                return one
        return None

    def _open(
        self, monitor: Monitor, window: Window, confirmed: Sequence[Judged], *, historical: bool
    ) -> Incident:
        reference = confirmed[0].finding.reference_id
        blank = Incident(
            tenant=monitor.tenant,
            id=f"{monitor.id}-{window.from_ns // 1_000_000_000}{'-past' if historical else ''}",
            monitor_id=monitor.id,
            monitor_version=monitor.version,
            kind=monitor.kind,
            model=monitor.model,
            reference_id=reference,
            severity=monitor.severity,
            state="closed" if historical else "open",
            window_start_ns=window.from_ns,
            window_end_ns=window.to_ns,
            # Listed by the time it is about; its record says when it was written.
            opened_ns=window.to_ns if historical else self._clock(),
            findings=(),
            keys=(),
            historical=historical,
            note="found by a backfill" if historical else "",
        )
        return self._incidents.put(_extended(blank, window, confirmed), reason="confirmed drift")

    def _signal(self, incident: Incident) -> None:
        subject = f"{incident.model}/{incident.id}"
        held = self._signals.list(
            [incident.tenant],
            start_ns=incident.window_end_ns,
            end_ns=incident.window_end_ns + 1,
            kinds=[SIGNAL],
            subjects=[subject],
            limit=1,
        )
        if held:
            return
        first = incident.findings[0]
        self._signals.raise_(
            SIGNAL,
            subject,
            tenant=incident.tenant,
            value=float(first["estimate"] or 0.0),
            threshold=float(first["tolerance"] or 0.0),
            severity=Severity(incident.severity),
            link=f"/v1/drift/incidents/{incident.id}",
            body={
                "incident_id": incident.id,
                "monitor_id": incident.monitor_id,
                "monitor_version": incident.monitor_version,
                "model": incident.model,
                "drifted": len(incident.keys),
                "historical": incident.historical,
                "first": first,
            },
            time_ns=incident.window_end_ns,
        )


def evidence(one: Judged, window: Window) -> dict[str, Any]:
    """Write a finding as an incident keeps it."""
    finding = one.finding
    return {
        **finding.subject,
        "estimate": finite(finding.estimate),
        "low": finite(finding.low),
        "high": finite(finding.high),
        "tolerance": finite(finding.tolerance),
        "p_value": finite(finding.p_value),
        "q_value": finite(one.q_value),
        "traffic_share": finding.traffic_share,
        "windows_in_a_row": one.after.streak,
        "window": {"from": timestamp(window.from_ns), "to": timestamp(window.to_ns)},
    }


def _extended(incident: Incident, window: Window, fresh: Sequence[Judged]) -> Incident:
    """Add findings; everything together comes before slices, large effects before small ones."""
    added = sorted(fresh, key=lambda one: (one.finding.dimension != "", -_effect(one)))
    findings = [*incident.findings, *(evidence(one, window) for one in added)]
    return replace(
        incident,
        findings=tuple(findings[:FINDINGS_MAX]),
        keys=(*incident.keys, *(one.finding.key for one in added)),
    )


def _effect(one: Judged) -> float:
    """Give the effect as a multiple of its tolerance, so that statistics can be compared."""
    finding = one.finding
    return abs(finding.estimate or 0.0) / max(finding.tolerance or 0.0, 1e-12)
