"""One budget in full: burn-down, forecast, what is held now, and who changed it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import budget_charts, charts, formatters, frame
from dashboards import money as m
from dashboards.budget_charts import SOFT
from dashboards.tables import Column, Tile, html_table, tiles
from dashboards.theme import BLUE, GREEN, ORANGE, PURPLE, VERMILLION
from dashboards.views.cost_month import backtest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboards.client import Params
    from dashboards.visit import Visit

Row = dict[str, Any]

_ROWS_MAX = "50"

_HELD_COLUMNS = (
    Column("Since (UTC)", lambda row: formatters.minute(row["created_at"]), "dim"),
    Column("Until (UTC)", lambda row: formatters.minute(row["expires_at"]), "dim"),
    Column("Model", lambda row: row["model"] or formatters.ABSENT),
    Column("Project", lambda row: row["project"] or formatters.ABSENT),
    Column("User", lambda row: row["user"] or formatters.ABSENT),
    Column("Held", lambda row: m.money(row["reserved"], row["currency"]), "num"),
    Column("Reservation", lambda row: row["reservation_id"], "code"),
)
_VERSION_COLUMNS = (
    Column("Version", lambda row: str(row["version"]), "num"),
    Column("When (UTC)", lambda row: formatters.minute(row["changed_at"]), "dim"),
    Column("Who", lambda row: row["changed_by"] or formatters.ABSENT),
    Column("What", lambda row: row["what"]),
    Column("Why", lambda row: row["reason"] or "no reason given"),
)
_ENTRY_COLUMNS = (
    Column("Time (UTC)", lambda row: formatters.clock(row["time"]), "dim"),
    Column("Step", lambda row: row["op"]),
    Column("Answer", lambda row: " ".join(p for p in (row["decision"], row["reason"]) if p)),
    Column("Model", lambda row: row["model"] or formatters.ABSENT),
    Column("User", lambda row: row["user"] or formatters.ABSENT),
    Column("Amount", lambda row: m.money(row["amount"], row["currency"]), "num"),
)


def render(visit: Visit, budget: Row) -> None:
    """Draw one budget."""
    st.subheader(formatters.plain(budget["name"] or budget["budget_id"]), anchor=False)
    st.caption(formatters.plain(rules(budget)))
    where = {"tenant": budget["tenant"]}
    forecast: Row | None = None
    with frame.part("Forecast"):
        forecast = visit.costs.forecast({**where, "budget": budget["budget_id"]})
    st.html(tiles(_tiles(budget, forecast)))
    for one in budget["state"]["unconverted"]:
        amount = formatters.plain(m.money(one["amount"], one["currency"]))
        st.warning(f"{amount} are not in it: there is no rate to {budget['currency']}.")
    with frame.part("History"):
        history = visit.costs.budget_history(budget["budget_id"], where)
        st.plotly_chart(
            budget_charts.burn_down(budget, history, forecast),
            config=charts.CONFIG,
            key=f"burn {budget['tenant']} {budget['budget_id']}",
            alt="What is left of the budget over its window, with what is expected",
        )
        if forecast is not None:
            st.caption(formatters.plain(backtest(forecast["backtest"])))
        _held(visit, budget, where)
        _changes(history)


def _tiles(budget: Row, forecast: Row | None) -> list[Tile]:
    now, currency = budget["state"], budget["currency"]
    known = (
        {}
        if forecast is None
        else {
            "badge": m.coverage(forecast["coverage"]),
            "badge_colour": m.coverage_colour(forecast["coverage"]),
        }
    )
    ahead = f"{m.money(now['ahead'], currency)} not yet in telemetry"
    made = [
        Tile("Limit", m.money(budget["limit"], currency), _resets(budget), GREEN),
        Tile("Spent", m.money(now["spent"], currency), ahead, BLUE, **known),
        Tile("Held now", m.money(now["held"], currency), f"{now['open']} reservations", PURPLE),
        Tile("Left", m.money(now["remaining"], currency), _used(now), ORANGE, **known),
    ]
    made.append(Tile("Runs out", *runs_out(forecast), VERMILLION))
    return made


def _resets(budget: Row) -> str:
    resets = budget["state"]["window"]["to"]
    return f"{window(budget)}, to {resets[:10]}" if resets else window(budget)


def _used(now: Row) -> str:
    return "limit of 0" if now["used"] is None else f"{float(now['used']) * 100:.1f} % used"


def runs_out(forecast: Mapping[str, Any] | None) -> tuple[str, str]:
    """Say when a budget runs out, and how sure that is."""
    dates = (forecast or {}).get("runs_out")
    if forecast is None or not dates:
        return "unknown", (forecast or {}).get("note") or "no forecast"
    if dates["exceeded"]:
        return "already", "the limit is reached"
    if dates["expected"] is None:
        first = dates["low"]
        if first:
            return "not expected", f"at the earliest {first}"
        return "not expected", str(forecast["note"] or "within its window")
    return dates["expected"], f"80 %: {dates['low']} to {dates['high'] or 'after its end'}"


def scope(budget: Row) -> str:
    """Write what a budget counts."""
    parts = [f"{name} {value}" for name, value in budget["scope"].items() if value]
    return ", ".join(parts) or "everything"


def window(budget: Row) -> str:
    """Write a budget's window in words."""
    given = budget["window"]
    if given["kind"] == "calendar":
        return f"a {given['period']} ({given['time_zone']})"
    return f"any {formatters.duration(given['duration_s'] * 1_000_000_000)}"


def rules(budget: Row) -> str:
    """Write what happens as a budget is used up."""
    steps = [
        f"from {float(one['at']) * 100:g} % {SOFT.get(one['answer'], one['answer'])}"
        + (f" to {one['model']}" if one.get("model") else "")
        for one in budget["thresholds"]
    ]
    steps.append("at the limit deny" if budget["hard"] else "at the limit only a signal")
    if budget["suspends"]:
        steps.append("then new work is suspended")
    policy = budget["unknown_price"]["policy"]
    owner = budget["tenant"] or "the organisation"
    return f"{owner} · {scope(budget)} · {', '.join(steps)} · unknown price: {policy}"


def _held(visit: Visit, budget: Row, where: Params) -> None:
    st.markdown("**Reservations now**")
    with frame.part("Reservations"):
        asked = {"budget_id": budget["budget_id"], "state": "open", "limit": _ROWS_MAX}
        answer = visit.costs.reservations({**where, **asked})
        if answer["items"]:
            st.html(html_table(_HELD_COLUMNS, answer["items"]))
        else:
            st.caption("Nothing is held. A call reserves before it spends, and settles after.")
        if answer["next_cursor"]:
            st.caption(f"The newest {_ROWS_MAX}.")


def _changes(history: Row) -> None:
    st.markdown("**Changes**")
    st.html(html_table(_VERSION_COLUMNS, changes(history["versions"])))
    if history["entries"]:
        with st.expander(f"Last steps ({len(history['entries'])})"):
            st.html(html_table(_ENTRY_COLUMNS, history["entries"]))


def changes(versions: list[Row]) -> list[Row]:
    """Say of every version what it changed, newest first."""
    ordered = sorted(versions, key=lambda one: one["version"])
    made: list[Row] = []
    before: Row = {}
    for one in ordered:
        after: Row = one["definition"] or {}
        made.append({**one, "what": _what(one["op"], before, after)})
        before = after
    return made[::-1]


def _what(op: str, before: Row, after: Row) -> str:
    if op == "delete":
        return "removed"
    if not before:
        return f"made, limit {m.money(after.get('limit', '0'), after.get('currency'))}"
    said = [
        f"{name.replace('_', ' ')}: {formatters.value(before.get(name))} → "
        f"{formatters.value(value)}"
        for name, value in after.items()
        if before.get(name) != value
    ]
    return "; ".join(said) or "nothing"
