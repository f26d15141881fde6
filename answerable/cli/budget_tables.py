"""How `answerable budget` shows what the service answers."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from answerable.cli.output import out

_BAR = 20


def show_budgets(answer: dict[str, Any]) -> None:
    """Draw the list."""
    table = Table(
        "Tenant", "Budget", "For", "Window", "Spent", "Held", "Limit", "Used", "Next call"
    )
    for item in answer["items"]:
        state = item["state"]
        table.add_row(
            item["tenant"] or "(organisation)",
            item["budget_id"],
            scope(item),
            window(item["window"]),
            state["spent"],
            state["held"],
            f"{item['limit']} {item['currency']}",
            bar(state["used"]),
            "suspended" if state["suspended"] else state["decision"],
        )
    out.print(table)
    for held in answer["suspensions"]:
        who = held["tenant"] or "Every tenant"
        until = held["until"][:19].replace("T", " ")
        out.print(f"[bold]{who}[/bold] starts no new work until {until}: {held['reason']}")
    if not answer["items"]:
        out.print("There is no budget. Make one: answerable budget set NAME --limit 500")


def show_budget(item: dict[str, Any]) -> None:
    """Draw one budget."""
    state = item["state"]
    resets = state["resets_at"] and state["resets_at"][:19].replace("T", " ")
    rows = {
        "budget": f"{item['budget_id']} {item['name']}".strip(),
        "tenant": item["tenant"] or "(organisation)",
        "for": scope(item),
        "within": ", ".join(item["parents"]),
        "limit": f"{item['limit']} {item['currency']} a {window(item['window'])}",
        "spent": f"{state['spent']} ({state['charged']} seen in telemetry)",
        "held": f"{state['held']} by {state['open']} reservations",
        "remaining": f"{state['remaining']}  {bar(state['used'])}",
        "next call": state["decision"] + (f", until {resets}" if resets else ""),
        "thresholds": ", ".join(threshold(one) for one in item["thresholds"]),
        "unknown price": item["unknown_price"]["policy"],
        "one call": item["per_request_cap"] or "",
        "version": f"{item['version']}, {item['changed_at'][:19]} by {item['changed_by']}",
    }
    for name, value in rows.items():
        if value:
            out.print(f"{name:>14}  {value}")
    if state["suspended"]:
        out.print(f"{'suspended':>14}  {state['suspended']['reason']}")


def show_history(answer: dict[str, Any]) -> None:
    """Draw versions, burn-down and entries."""
    versions = Table("Version", "When", "By", "Limit", "Why")
    for one in answer["versions"]:
        definition = one["definition"]
        limit = f"{definition['limit']} {definition['currency']}" if definition else "removed"
        when = one["changed_at"][:19].replace("T", " ")
        versions.add_row(str(one["version"]), when, one["changed_by"], limit, one["reason"])
    out.print(versions)
    points = Table("From", "Reserved", "Settled", "Denied", "Spent by then")
    for one in answer["series"]:
        points.add_row(
            one["at"][:16].replace("T", " "),
            one["reserved"],
            one["settled"],
            str(one["denied"]),
            one["spent"],
        )
    out.print(points)
    entries = Table("When", "What", "Amount", "Model", "User", "Reservation")
    for one in answer["entries"]:
        entries.add_row(
            one["time"][:19].replace("T", " "),
            f"{one['op']} {one['reason']}".strip(),
            f"{one['amount']} {one['currency']}",
            one["model"],
            one["user"],
            one["reservation_id"],
        )
    out.print(entries)


def scope(item: dict[str, Any]) -> str:
    """Say whose calls count."""
    named = [f"{name} {value}" for name, value in item["scope"].items() if value]
    return ", ".join(named) or "all calls"


def window(found: dict[str, Any]) -> str:
    """Say over which time."""
    if found["kind"] == "rolling":
        return f"last {found['duration_s'] / 3600:g} h"
    return f"{found['period']} ({found['time_zone']})"


def threshold(found: dict[str, Any]) -> str:
    """Say what happens at a share."""
    model = f" to {found['model']}" if found.get("model") else ""
    return f"{found['at']} {found['answer']}{model}"


def bar(used: str | None) -> str:
    """Draw a share of the limit."""
    if used is None:
        return "limit 0"
    share = float(used)
    full = min(_BAR, int(share * _BAR))
    return f"{'█' * full}{'░' * (_BAR - full)} {share:.0%}"
