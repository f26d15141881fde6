"""How `answerable drift monitors` and `incidents` show what the service answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rich.markup import escape
from rich.table import Table

from answerable.cli.output import out

Show = Callable[[dict[str, Any]], None]

#: Findings listed under an incident.
_SHOWN_MAX = 20


def show_monitors(answer: dict[str, Any]) -> None:
    """Draw the list."""
    table = Table("Tenant", "Monitor", "Model", "Kind", "Reference", "Window", "State", "Judged")
    for one in answer["items"]:
        standing = one["state"]
        table.add_row(
            escape(one["tenant"]),
            escape(one["id"]),
            escape(one["model"]),
            one["kind"],
            escape(one["reference"]) or "-",
            one["window"],
            _standing(one),
            minute(standing["start"]) if standing else "-",
        )
    out.print(table if answer["items"] else "There is no monitor. Make one: see docs/monitors.md.")


def show_monitor(one: dict[str, Any]) -> None:
    """Draw one monitor."""
    rows = {
        "monitor": f"{one['id']} {one['name']}".strip(),
        "tenant": one["tenant"],
        "watches": f"{one['kind']} of {one['model']}: {', '.join(one['features'])}",
        "slices": ", ".join(one["slices"]),
        "against": one["reference"],
        "window": one["window"],
        "alarm level": f"{one['alpha']}, confirmed by {one['confirmations']} more windows",
        "effect": f"{one['statistic'] or 'by finding'} of at least {_tolerance(one['tolerance'])}",
        "traffic": f"at least {one['traffic_share_min']:.1%}",
        "cool-down": one["cool_down"],
        "trigger": one["trigger"]["event"] if one["trigger"] else "",
        "version": f"{one['version']}, {minute(one['changed_at'])} by {one['changed_by']}",
        "state": _standing(one),
    }
    _facts(rows)


def show_dry_run(answer: dict[str, Any]) -> None:
    """Draw how often a monitor would have alarmed."""
    rate = answer["false_alarm_rate"]
    on_reference = "no window of the reference could be judged"
    if rate["on_reference"] is not None:
        on_reference = (
            f"{rate['on_reference']:.2%} of {rate['windows']} windows of the reference "
            f"({rate['low']:.2%} to {rate['high']:.2%})"
        )
    _facts(
        {
            "windows": f"{answer['judged']} judged, of {answer['windows']}",
            "alarms": str(answer["alarms"]),
            "false alarms, stated": f"at most {rate['stated']:.4%} of windows",
            "false alarms, seen": on_reference,
            "tolerance, suggested": _suggested(answer["suggested_tolerance"]),
        }
    )
    if not answer["would_alarm"]:
        return
    table = Table("Window", "Feature", "Slice", "Statistic", "Estimate", "q")
    for one in answer["would_alarm"]:
        cells = (one["statistic"], number(one["estimate"]), number(one["q_value"]))
        table.add_row(minute(one["start"]), escape(one["feature"]), _slice(one), *cells)
    out.print(table)


def show_backfill(answer: dict[str, Any]) -> None:
    """Draw how many windows came out how."""
    counts = ", ".join(f"{count} {state}" for state, count in sorted(answer["states"].items()))
    out.print(f"{answer['windows']} windows judged: {counts or 'none lies in this past'}.")


def show_results(answer: dict[str, Any]) -> None:
    """Draw findings."""
    table = Table("Window", "Feature", "Slice", "Estimate", "95 %", "q", "Traffic", "State", "Why")
    for one in answer["items"]:
        table.add_row(
            minute(one["window_start"]),
            escape(one["feature"]),
            _slice(one),
            number(one["estimate"]),
            _interval(one),
            number(one["q_value"]),
            f"{one['traffic_share']:.0%}",
            one["state"],
            escape(one["state_reason"].replace("_", " ")),
        )
    out.print(table if answer["items"] else "Nothing was judged in this window.")
    if answer["next_cursor"]:
        out.print("There is more; raise --limit or shorten the window.")


def show_incidents(answer: dict[str, Any]) -> None:
    """Draw the list."""
    table = Table("Opened", "Incident", "State", "Model", "First", "Estimate", "Drifted", "Told")
    for one in answer["items"]:
        table.add_row(
            minute(one["opened_at"]),
            escape(one["id"]),
            one["state"],
            escape(one["model"]),
            f"{escape(one['feature'])} {_slice(one)}".strip(),
            f"{number(one['estimate'])} ({_interval(one)})",
            str(one["drifted"]),
            one["trigger"]["state"] if one["trigger"] else "-",
        )
    out.print(table if answer["items"] else "No incident in this window.")


def show_incident(one: dict[str, Any]) -> None:
    """Draw one incident and its evidence."""
    trigger = one["trigger"]
    told = "nobody"
    if trigger:
        told = f"{trigger['state']} after {trigger['attempts']} attempts {trigger['error']}".strip()
    _facts(
        {
            "incident": one["id"],
            "state": f"{one['state']}, {minute(one['changed_at'])} by {one['changed_by']}",
            "note": one["note"],
            "model": f"{one['model']} of {one['tenant']}",
            "monitor": f"{one['monitor_id']} version {one['monitor_version']}",
            "window": f"{minute(one['window']['from'])} to {minute(one['window']['to'])}",
            "told": told,
        }
    )
    table = Table("Feature", "Slice", "Statistic", "Estimate", "95 %", "Tolerance", "q", "Traffic")
    for found in one["findings"][:_SHOWN_MAX]:
        table.add_row(
            escape(found["feature"]),
            _slice(found),
            found["statistic"],
            number(found["estimate"]),
            _interval(found),
            number(found["tolerance"]),
            number(found["q_value"]),
            f"{found['traffic_share']:.0%}",
        )
    out.print(table)
    if one["drifted"] > _SHOWN_MAX:
        out.print(f"{one['drifted']} features and slices drifted.")


def minute(text: str) -> str:
    """Write a time to the minute."""
    return text[:16].replace("T", " ")


def number(value: float | None) -> str:
    """Write a number to three digits."""
    return "-" if value is None else f"{value:.3g}"


def _interval(one: dict[str, Any]) -> str:
    return f"{number(one['low'])} to {number(one['high'])}"


def _slice(one: dict[str, Any]) -> str:
    return escape(f"{one['dimension']}={one['value']}") if one["dimension"] else ""


def _standing(one: dict[str, Any]) -> str:
    if not one["enabled"]:
        return "switched off"
    return one["state"]["state"] if one["state"] else "not judged yet"


def _tolerance(value: float | str | None) -> str:
    if value is None:
        return "what chance shows"
    return "what windows of the reference show" if value == "reference" else str(value)


def _suggested(found: dict[str, Any] | None) -> str:
    """Write which tolerance keeps the reference quiet, and how far to trust it."""
    if found is None:
        return ""
    if found["tolerance"] is None:
        said = "none; the reference is quiet by what chance shows"
    else:
        said = f"{found['tolerance']:g}, or reference for each feature's own"
    level = found["suspicions"]
    said += (
        f": at most {level['expected']:.2%} of windows are suspected ({level['high']:.2%} at 95 %)"
    )
    if not found["enough"]:
        said += f"; {found['windows']} windows, it takes {found['windows_needed']} to tell alpha"
    return said


def _facts(rows: dict[str, str]) -> None:
    for name, value in rows.items():
        if value:
            out.print(f"[dim]{name:<20}[/dim] {escape(value)}")
