"""One monitor: what it found, window by window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import charts, formatters, frame, monitor_charts, state
from dashboards import drift_words as words
from dashboards.tables import Column, html_table

if TYPE_CHECKING:
    from dashboards.visit import Visit

Row = dict[str, Any]

_MOST = "1000"
_SHOWN_MAX = 15
_STATES = {
    "": "Every result",
    "confirmed": "Alarms",
    "suspected": "Suspected",
    "significant": "Significant",
    "unable": "Not judged",
}

_COLUMNS = (
    Column("Window from (UTC)", lambda row: formatters.minute(row["window_start"])[:16], "dim"),
    Column("About", monitor_charts.name),
    Column("Estimate", lambda row: words.figure(row["estimate"]), "num"),
    Column("Interval", lambda row: words.interval(row["low"], row["high"]), "num"),
    Column("q", lambda row: words.probability(row["q_value"]), "num"),
    Column("Traffic", lambda row: words.percent(row["traffic_share"]), "num"),
    Column(
        "State",
        lambda row: monitor_charts.said(row["state"]),
        dot=lambda row: monitor_charts.colour(row["state"]),
    ),
    Column("Why", lambda row: str(row.get("state_reason") or "").replace("_", " "), "dim"),
)


def render(visit: Visit, monitor: Row) -> None:
    """Draw what one monitor found in the window."""
    st.subheader(formatters.plain(monitor["id"]), anchor=False)
    st.caption(formatters.plain(rule(monitor)))
    with frame.part("Results"):
        shown = state.option("Show", "state", _STATES, width=170)
        asked = visit.params(state=shown, limit=_MOST)
        asked["tenant"] = monitor["tenant"]
        rows: list[Row] = visit.drift.results(monitor["id"], asked)["items"]
        if not rows:
            st.caption(
                "Nothing was judged in this window. A window is judged once it is over; widen the "
                "window, or fill the past by `answerable drift monitors backfill`."
            )
            return
        st.plotly_chart(
            monitor_charts.results(rows),
            config=charts.CONFIG,
            key=f"monitor_results {monitor['tenant']} {monitor['id']}",
            alt="What the monitor found over time; alarms are crosses",
        )
        newest = sorted(rows, key=lambda row: str(row["window_start"]), reverse=True)
        ordered = sorted(newest, key=lambda row: -monitor_charts.gravity(row["state"]))
        st.html(html_table(_COLUMNS, ordered[:_SHOWN_MAX]))
        if len(ordered) > _SHOWN_MAX:
            st.caption(f"The gravest and newest {_SHOWN_MAX} of {len(ordered):,}.")


def watched(row: Row) -> str:
    """Write what a monitor looks at."""
    if row["kind"] != "feature":
        return str(row["kind"])
    features = row.get("features") or ["*"]
    names = "every feature" if features == ["*"] else ", ".join(words.feature(f) for f in features)
    slices = row.get("slices") or []
    by = ", ".join(one.removeprefix("feature:").replace("_", " ") for one in slices)
    return f"{names}, by {by}" if by else names


def last(row: Row) -> str:
    """Write when it judged last, and what came of it."""
    now: Row | None = row["state"]
    if not now:
        return formatters.ABSENT
    found = f"{now['significant']:,} of {now['findings']:,} not by chance"
    return f"{formatters.minute(now['start'])[:16]}: {found}"


def rule(monitor: Row) -> str:
    """Write when a monitor alarms."""
    said = [
        f"{monitor['model']} of {monitor['tenant']} against {monitor.get('reference') or 'itself'}",
        f"every {monitor['window']}",
        f"{words.statistic(monitor['statistic']) or 'its own statistics'} at a level of "
        f"{words.figure(monitor['alpha'])}",
    ]
    if monitor.get("tolerance") == "reference":
        said.append("above what windows of the reference show")
    elif words.number(monitor.get("tolerance")) is not None:
        said.append(f"above {words.figure(monitor['tolerance'])}")
    if words.number(monitor.get("traffic_share_min")):
        said.append(f"in at least {words.percent(monitor['traffic_share_min'])} of the traffic")
    confirmations = int(monitor.get("confirmations") or 0)
    if confirmations:
        said.append(f"confirmed {confirmations} more time{'s' if confirmations > 1 else ''}")
    return " · ".join(said)
