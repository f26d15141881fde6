"""Drift without a reference: what to send, and how to take the past as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import formatters, frame, state
from dashboards.errors import ApiError
from dashboards.tables import Column, html_table

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from dashboards.visit import Visit

Row = dict[str, Any]

_NO_MODEL = (
    "No model decided in this window. Send decisions with answerable.model.name and what the model "
    "saw as answerable.feature.NAME, or widen the window."
)
_COLUMNS = (
    Column("Model", lambda row: row["model"] or "not recorded"),
    Column("Tenant", lambda row: row["tenant"]),
    Column("Decisions", lambda row: formatters.exact(row["decisions"]), "num"),
    Column("Features", lambda row: ", ".join(row["features"][:12]) or formatters.ABSENT),
    Column("First (UTC)", lambda row: formatters.minute(row["first"]), "dim"),
    Column("Last (UTC)", lambda row: formatters.minute(row["last"]), "dim"),
)


def render(visit: Visit, line: DeltaGenerator) -> None:
    """Draw the models there are, and offer to make a reference of the window."""
    answer = visit.drift.models(visit.params())
    frame.freshness(line, visit, {"window": answer["window"], "as_of": answer["as_of"]})
    items: list[Row] = [one for one in answer["items"] if one["model"]]
    if not items:
        frame.empty(visit, _NO_MODEL, with_snippets=True)
        return
    frame.empty(
        visit,
        "No reference yet. A reference is a stretch of the past that was fine; models are compared "
        "with it. Make one of the window below, or by POST /v1/references.",
    )
    st.html(html_table(_COLUMNS, items))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = {f"{one['tenant']}/{one['model']}": one["model"] for one in items}
        chosen = state.option("Model", "of", names, width=260)
        model = next(one for one in items if f"{one['tenant']}/{one['model']}" == chosen)
        if st.button(f"Make a reference of {visit.window.label.lower()}", type="primary"):
            _make(visit, model, answer["window"])


def _make(visit: Visit, model: Row, window: Row) -> None:
    definition = {"tenant": model["tenant"], "model": model["model"], **window}
    try:
        made = visit.drift.define_reference(definition)
    except ApiError as error:
        if error.status == 401:
            raise
        st.error(f"**{formatters.plain(error.title)}**\n\n{formatters.plain(error.detail)}")
        return
    state.put(reference=f"{made['tenant']}/{made['id']}", of="")
    st.rerun()
