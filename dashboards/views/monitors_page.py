"""Monitors: what is watched and how it stands, incidents, and an editor with a dry run."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import frame, monitor_charts, state, tables
from dashboards.views import drift_page, incident_list, monitor_detail, monitor_editor

if TYPE_CHECKING:
    from dashboards.visit import Visit

Row = dict[str, Any]

_LIST = "monitor_list"
_EMPTY = (
    "No monitor yet. A monitor compares a model with its reference window by window and alarms "
    "when that is more than chance, large enough and confirmed. Write one below and try it on the "
    "past, or use `answerable drift monitors`."
)

_COLUMNS: dict[str, tables.ArrowColumn] = {
    "Monitor": partial(tables.texts, text=lambda row: row["id"]),
    "State": partial(tables.texts, text=lambda row: monitor_charts.said(standing(row))),
    "Model": partial(tables.texts, text=lambda row: row["model"]),
    "Tenant": partial(tables.texts, text=lambda row: row["tenant"]),
    "Watches": partial(tables.texts, text=monitor_detail.watched),
    "Last window (UTC)": partial(tables.texts, text=monitor_detail.last),
    "Window": partial(tables.texts, text=lambda row: row["window"]),
}


def render(visit: Visit) -> None:
    """Draw every monitor, one of them in full, incidents, and the editor."""
    line = frame.title(visit, "Monitors")
    with frame.readable_errors(drift_page.MISSING):
        answer = visit.drift.monitors({"tenant": visit.tenant})
        tenant = f" · tenant {visit.tenant}" if visit.tenant else ""
        frame.note(line, f"{visit.window.label}{tenant} · {frame.as_of(answer['as_of'])}")
        items: list[Row] = sorted(answer["items"], key=_gravest)
        if not items:
            frame.empty(visit, _EMPTY)
            monitor_editor.render(visit, None)
            return
        with frame.part("Incidents"):
            incident_list.render(visit)
        _list(items)
        chosen = _chosen(items)
        monitor_detail.render(visit, chosen)
        monitor_editor.render(visit, chosen)


def standing(row: Row) -> str:
    """Read how a monitor stands."""
    if not row.get("enabled", True):
        return "switched off"
    return str(row["state"]["state"]) if row["state"] else "not judged yet"


def _gravest(row: Row) -> tuple[int, str, str]:
    return -monitor_charts.gravity(standing(row)), row["tenant"], row["id"]


def _list(items: list[Row]) -> None:
    st.caption("Click a row to see it below.")
    st.dataframe(
        tables.arrow(items, _COLUMNS),
        key=_LIST,
        hide_index=True,
        height="content" if len(items) <= 12 else 440,
        on_select=partial(_open, items),
        selection_mode="single-cell",
        alt="Monitors and how they stand",
    )


def _chosen(items: list[Row]) -> Row:
    wanted = (state.get("monitor"), state.get("monitor_tenant"))
    return next((one for one in items if (one["id"], one["tenant"]) == wanted), items[0])


def _open(items: list[Row]) -> None:
    row = tables.selected_row(st.session_state[_LIST])
    if row is not None and row < len(items):
        state.put(monitor=items[row]["id"], monitor_tenant=items[row]["tenant"])
