"""Traces: a list with filters, and one trace as a waterfall."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import formatters, frame, state, tables
from dashboards.views import trace_detail

if TYPE_CHECKING:
    from dashboards.contract import Page
    from dashboards.visit import Visit

_LIST = "trace_list"

_NS_PER_MS = 1_000_000

_COLUMNS: dict[str, tables.ArrowColumn] = {
    "Start (UTC)": partial(tables.times, key="start_time"),
    "Name": partial(tables.texts, text=lambda row: row["root_name"] or "root not received"),
    "Service": partial(tables.texts, text=lambda row: row["root_service"]),
    "Duration": partial(tables.floats, value=lambda row: row["duration_ns"] / _NS_PER_MS),
    "Spans": partial(tables.integers, value=lambda row: row["spans"]),
    "Errors": partial(tables.integers, value=lambda row: row["errors"]),
    "Decisions": partial(tables.integers, value=lambda row: row["decisions"]),
    "Tokens": partial(tables.integers, value=lambda row: row["tokens"]),
    "Services": partial(tables.texts, text=lambda row: ", ".join(row["services"])),
    "Tenant": partial(tables.texts, text=lambda row: row["tenant"]),
    "Trace": partial(tables.texts, text=lambda row: row["trace_id"]),
}


def render(visit: Visit) -> None:
    """Draw one trace when the URL names it, else the list."""
    trace_id = state.get("trace")
    if trace_id:
        trace_detail.render(visit, trace_id)
        return
    line = frame.title(visit, "Traces")
    filters = _filters()
    with frame.readable_errors():
        answer = visit.api.traces(visit.params(**filters, cursor=state.cursor()))
        frame.freshness(line, visit, answer)
        if answer["items"]:
            _list(answer)
            state.older_newer(answer["next_cursor"])
        elif any(filters.values()):
            frame.empty(visit, "No trace matches these filters in this window.")
        else:
            frame.empty(
                visit,
                "No trace in this window. Send spans by OTLP, or widen the window.",
                with_snippets=True,
            )


def _filters() -> dict[str, str]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        service = state.text("Service", "service", placeholder="any")
        name = state.text("Span name", "name", placeholder="any")
        model = state.text("Model", "model", placeholder="any")
        slow = state.text("Longer than", "min_ms", placeholder="ms")
        errors = state.toggle("Errors only", "errors")
    return {
        "service": service,
        "name": name,
        "model": model,
        "min_duration_ns": _ns(slow),
        "errors": "true" if errors else "",
    }


def _ns(milliseconds: str) -> str:
    """Turn the filter's milliseconds into the API's nanoseconds; nonsense is said, not sent."""
    if not milliseconds:
        return ""
    try:
        ns = int(float(milliseconds) * _NS_PER_MS)
    except (ValueError, OverflowError):
        st.warning(
            f"Longer than: {formatters.plain(milliseconds)} is not a number of milliseconds."
        )
        return ""
    return str(max(ns, 0))


def _list(answer: Page) -> None:
    items = answer["items"]
    st.caption("Click a row to open the trace.")
    st.dataframe(
        tables.arrow(items, _COLUMNS),
        key=_LIST,
        hide_index=True,
        placeholder="not recorded",
        height="content" if len(items) <= 50 else 640,
        on_select=partial(_open, items),
        selection_mode="single-cell",
        column_config={
            "Start (UTC)": st.column_config.DatetimeColumn(
                format="D MMM HH:mm:ss.SSS", timezone="UTC", width=150
            ),
            "Name": st.column_config.TextColumn(width=200),
            "Duration": st.column_config.NumberColumn(format="%.2f ms"),
            "Tokens": st.column_config.NumberColumn(format="localized"),
        },
        alt="Traces, newest first",
    )


def _open(items: list[dict[str, Any]]) -> None:
    row = tables.selected_row(st.session_state[_LIST])
    if row is not None and row < len(items):
        state.put(trace=items[row]["trace_id"], trace_tenant=items[row]["tenant"])
