"""Writes monitors and what they found as the API shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from drift.monitors.counted import COLUMNS
from drift.monitors.effects import DEFAULT
from web.render import finite, timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drift.monitors.bounds import Level
    from drift.monitors.history import DryRun, FalseAlarms, PastWindow
    from drift.monitors.judging import FindingKey
    from drift.monitors.monitor import Monitor
    from drift.monitors.spread import Spread

#: Findings of a dry run that are listed.
_LISTED_MAX = 1000
#: Spreads of a suggestion that are listed.
_SPREADS_MAX = 200

_NUMBERS = ("estimate", "low", "high", "p_value", "q_value", "e_value", "tolerance")
_PLAIN = (
    "monitor_version",
    "model",
    "feature",
    "dimension",
    "value",
    "statistic",
    "reference_id",
    "reference_version",
    "n_reference",
    "n_current",
    "traffic_share",
    "state",
    "state_reason",
    "backfilled",
)


def monitor_facts(monitor: Monitor, standing: Mapping[str, Any] | None) -> dict[str, Any]:
    """Write a monitor and how it stands."""
    body = monitor.body()
    if body.pop("tolerance_by") == "reference" and body["tolerance"] is None:
        body["tolerance"] = "reference"
    return {
        "id": monitor.id,
        "tenant": monitor.tenant,
        **body,
        "statistic": monitor.statistic or _own(monitor.kind),
        "version": monitor.version,
        "changed_at": timestamp(monitor.created_at_ns),
        "changed_by": monitor.changed_by,
        "state": None if standing is None else _standing(standing),
    }


def finding_facts(row: Mapping[str, Any]) -> dict[str, Any]:
    """Write a row of `drift_results`."""
    return {
        "window_start": timestamp(row["start_ns"]),
        "window_end": timestamp(row["end_ns"]),
        **{name: row[name] for name in _PLAIN},
        **{name: finite(row[name]) for name in _NUMBERS},
        "incident_id": row["incident_id"] or None,
        "method": orjson.loads(row["method"]),
        "evaluated_at": timestamp(row["evaluated_ns"]),
    }


def dry_run_facts(found: DryRun) -> dict[str, Any]:
    """Write what a monitor would have said."""
    windows = found.windows
    alarms = [one for one in windows if one.alarm]
    listed = [fact for one in alarms for fact in _would_alarm(one)]
    return {
        "windows": len(windows),
        "judged": sum(one.state != "unable" for one in windows),
        "alarms": len(alarms),
        "would_alarm": listed[:_LISTED_MAX],
        "false_alarm_rate": _false_alarms(found.false_alarms),
        "suggested_tolerance": None if found.spread is None else _suggestion(found.spread),
        "by_window": [_past(one) for one in windows],
    }


def _own(kind: str) -> str:
    return DEFAULT if kind == "feature" or kind in COLUMNS else ""


def _standing(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "state": row["state"],
        "start": timestamp(row["start_ns"]),
        "evaluated_at": timestamp(row["evaluated_ns"]),
        "reason": row["reason"],
        "findings": row["findings"],
        "significant": row["significant"],
    }


def _would_alarm(window: PastWindow) -> list[dict[str, Any]]:
    return [
        {
            "start": timestamp(window.start_ns),
            "feature": one.finding.feature,
            "dimension": one.finding.dimension,
            "value": one.finding.value,
            "statistic": one.finding.statistic,
            "estimate": finite(one.finding.estimate),
            "low": finite(one.finding.low),
            "high": finite(one.finding.high),
            "q_value": finite(one.q_value),
            "state": one.state,
        }
        for one in window.found
        if one.state == "confirmed"
    ]


def _false_alarms(found: FalseAlarms) -> dict[str, Any]:
    return {
        "stated": found.stated,
        "on_reference": found.on_reference,
        "low": found.low,
        "high": found.high,
        "windows": found.windows,
        "suspicions_on_reference": found.suspicions,
    }


def _suggestion(found: Spread) -> dict[str, Any]:
    largest = sorted(found.spreads.items(), key=lambda one: (-one[1], one[0]))
    driven = None
    if found.driven_by is not None:
        driven = {**_subject(found.driven_by), "start": timestamp(found.driven_ns)}
    return {
        "windows": found.windows,
        "windows_needed": found.windows_needed,
        "enough": found.windows >= found.windows_needed,
        "tolerance": found.tolerance,
        "factor": found.factor,
        "suspicions": _level(found.suspicions),
        "alarms": _level(found.alarms),
        "driven_by": driven,
        "by_finding": [
            {**_subject(key), "spread": spread, "tolerance": spread * found.factor}
            for key, spread in largest[:_SPREADS_MAX]
        ],
    }


def _subject(key: FindingKey) -> dict[str, str]:
    return dict(zip(("feature", "dimension", "value", "statistic"), key, strict=True))


def _level(found: Level) -> dict[str, float]:
    return {"expected": found.expected, "high": found.high}


def _past(window: PastWindow) -> dict[str, Any]:
    notable = [one for one in window.found if one.state not in {"quiet", "unable"}]
    unable = window.found[0].reason if window.state == "unable" and window.found else ""
    return {
        "start": timestamp(window.start_ns),
        "state": window.state,
        "significant": len(notable),
        "reason": unable,
    }
