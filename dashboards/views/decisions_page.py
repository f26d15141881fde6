"""Decisions: a list with filters, and one decision in full."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import formatters, frame, state, tables
from dashboards.views import decision_detail

if TYPE_CHECKING:
    from dashboards.contract import Page
    from dashboards.visit import Visit

_LIST = "decision_list"
_ROUTES = ("auto", "human", "fallback")


def _tokens(row: dict[str, Any]) -> int | None:
    tokens = row["tokens"]
    return None if tokens is None else tokens["input"] + tokens["output"]


_COLUMNS: dict[str, tables.ArrowColumn] = {
    "Time (UTC)": partial(tables.times, key="time"),
    "Decision": partial(tables.texts, text=lambda row: row["name"] or "unnamed"),
    "Outcome": partial(tables.texts, text=lambda row: row["outcome"] or "not recorded"),
    "Confidence": partial(tables.floats, value=lambda row: row["confidence"]),
    "Route": partial(tables.texts, text=lambda row: row["route"] or formatters.ABSENT),
    "Model": partial(tables.texts, text=lambda row: formatters.version(row["model"])),
    "Subject": partial(tables.texts, text=lambda row: row["subject"] or formatters.ABSENT),
    "Service": partial(tables.texts, text=lambda row: row["service"]),
    "Tokens": partial(tables.integers, value=_tokens),
    "Duration": partial(tables.floats, value=lambda row: row["duration_ns"] / 1e6),
    "Failed": partial(tables.texts, text=lambda row: "error" if row["error"] else ""),
    "Tenant": partial(tables.texts, text=lambda row: row["tenant"]),
    "Id": partial(tables.texts, text=lambda row: row["decision_id"]),
}


def render(visit: Visit) -> None:
    """Draw one decision when the URL names it, else the list."""
    decision_id = state.get("decision")
    if decision_id:
        decision_detail.render(visit, decision_id)
        return
    line = frame.title(visit, "Decisions")
    filters = _filters()
    with frame.readable_errors():
        answer = visit.api.decisions(visit.params(**filters, cursor=state.cursor()))
        frame.freshness(line, visit, answer)
        if answer["items"]:
            _list(answer)
            state.older_newer(answer["next_cursor"])
        elif any(filters.values()):
            frame.empty(visit, "No decision matches these filters in this window.")
        else:
            frame.empty(
                visit,
                "No decision in this window. A decision is a span or log with an attribute "
                "such as answerable.decision.name or answerable.confidence.",
                with_snippets=True,
            )


def _filters() -> dict[str, str]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        return {
            "name": state.text("Decision", "name", placeholder="any"),
            "service": state.text("Service", "service", placeholder="any"),
            "model": state.text("Model", "model", placeholder="any"),
            "outcome": state.text("Outcome", "outcome", placeholder="any"),
            "subject": state.text("Subject", "subject", placeholder="any"),
            "route": state.choice("Route", "route", _ROUTES, all_label="any"),
            "min_confidence": _level(state.text("Surer than", "min", placeholder="0")),
            "max_confidence": _level(state.text("Less sure than", "max", placeholder="1")),
        }


def _level(text: str) -> str:
    """Take a confidence for the API; nonsense is said, not sent."""
    if not text:
        return ""
    try:
        level = float(text)
    except ValueError:
        level = -1.0
    if 0 <= level <= 1:
        return repr(level)
    st.toast(f"A confidence is a number from 0 to 1, not {formatters.plain(text)}.")
    return ""


def _list(answer: Page) -> None:
    items = answer["items"]
    st.caption("Click a row to open the decision.")
    st.dataframe(
        tables.arrow(items, _COLUMNS),
        key=_LIST,
        hide_index=True,
        placeholder="not recorded",
        height="content" if len(items) <= 50 else 640,
        on_select=partial(_open, items),
        selection_mode="single-cell",
        column_config={
            "Time (UTC)": st.column_config.DatetimeColumn(
                format="D MMM HH:mm:ss.SSS", timezone="UTC", width=150
            ),
            "Confidence": st.column_config.ProgressColumn(
                format="%.2f", min_value=0, max_value=1, width=120
            ),
            "Duration": st.column_config.NumberColumn(format="%.2f ms"),
            "Tokens": st.column_config.NumberColumn(format="localized"),
        },
        alt="Decisions, newest first",
    )


def _open(items: list[dict[str, Any]]) -> None:
    row = tables.selected_row(st.session_state[_LIST])
    if row is not None and row < len(items):
        state.put(decision=items[row]["decision_id"], decision_tenant=items[row]["tenant"])
