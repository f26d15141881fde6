"""One span in full: what it says, with the type of every attribute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import formatters, state
from dashboards.tables import Column, facts, html_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboards.contract import Span, Trace
    from dashboards.waterfall import Row

_ATTRIBUTE_COLUMNS = (
    Column("Attribute", lambda row: row["name"], "code"),
    Column("Type", lambda row: row["type"], "dim"),
    Column("Value", lambda row: formatters.value(row["value"]), "code"),
)
_EVENT_COLUMNS = (
    Column("Time (UTC)", lambda row: formatters.clock(row["time"]), "dim"),
    Column("Event", lambda row: row["name"]),
    Column("Attributes", lambda row: formatters.value(row["attributes"]), "code"),
)
_LINK_COLUMNS = (
    Column("Trace", lambda row: row["trace_id"], "code"),
    Column("Span", lambda row: row["span_id"], "code"),
    Column("State", lambda row: row.get("trace_state") or formatters.ABSENT, "code"),
    Column("Attributes", lambda row: formatters.value(row["attributes"]), "code"),
)


def render(trace: Trace, rows: list[Row]) -> None:
    """Draw the span the URL names, the first one otherwise, and a way to choose another."""
    ids = [row.span["span_id"] for row in rows]
    chosen = _pick(rows, ids)
    span = rows[ids.index(chosen)].span
    left, right = st.columns([2, 3])
    with left:
        st.html(facts(_facts(span)))
    with right:
        _tabs(trace, span)


def _pick(rows: list[Row], ids: list[str]) -> str:
    st.subheader("Span", anchor=False)
    current = state.get("span")
    current = current if current in ids else ids[0]
    names = {row.span["span_id"]: row.span["name"] for row in rows}
    key = f"span_pick={current}"
    st.selectbox(
        "Span",
        ids,
        index=ids.index(current),
        key=key,
        format_func=lambda span_id: f"{names.get(span_id, '')}  ({span_id})",
        on_change=_store,
        args=(key,),
        label_visibility="collapsed",
    )
    return current


def _store(key: str) -> None:
    state.put(span=str(st.session_state[key]))


def _facts(span: Span) -> dict[str, str]:
    status, scope = span["status"], span["scope"]
    said = " ".join(part for part in (status["code"], status.get("message", "")) if part)
    return {
        "Service": span["service"] or "not recorded",
        "Kind": span["kind"],
        "Status": said,
        "Start (UTC)": formatters.clock(span["start_time"]),
        "Duration": formatters.duration(span["duration_ns"]),
        "Span": span["span_id"],
        "Parent": span["parent_span_id"] or "no parent: a root",
        "Scope": formatters.version(scope),
        "Trace state": span["trace_state"] or formatters.ABSENT,
        "Dropped by the sender": _dropped(span["dropped"]),
    }


def _dropped(dropped: Mapping[str, int]) -> str:
    said = [f"{amount} {name}" for name, amount in dropped.items() if amount]
    return ", ".join(said) or "nothing"


def _tabs(trace: Trace, span: Span) -> None:
    logs = [record for record in trace["logs"] if record["span_id"] == span["span_id"]]
    parts = (
        ("Attributes", attribute_rows(span["attributes"], span["attribute_types"])),
        ("Events", span["events"]),
        ("Links", span["links"]),
        ("Resource", attribute_rows(span["resource"].get("attributes", {}), {})),
        ("Scope", attribute_rows(span["scope"].get("attributes", {}), {})),
    )
    tabs = st.tabs([f"{name} ({len(rows)})" for name, rows in parts])
    columns = (_ATTRIBUTE_COLUMNS, _EVENT_COLUMNS, _LINK_COLUMNS, *[_ATTRIBUTE_COLUMNS] * 2)
    for tab, (name, rows), shape in zip(tabs, parts, columns, strict=True):
        with tab:
            if rows:
                st.html(html_table(shape, rows))
            else:
                st.caption(f"No {name.lower()} recorded.")
    if logs:
        st.caption(f"{len(logs)} log records of this span are in the table of logs below.")


def attribute_rows(values: Mapping[str, Any], types: Mapping[str, str]) -> list[dict[str, Any]]:
    """List attributes by name with their types; a type not given is read off the JSON value."""
    return [
        {"name": name, "type": types.get(name) or _json_type(item), "value": item}
        for name, item in sorted(values.items())
    ]


def _json_type(item: Any) -> str:
    names = {bool: "bool", int: "int", float: "double", str: "string", list: "array"}
    return names.get(type(item), "none" if item is None else "kvlist")
