"""Prices: what holds now, what was believed before, and what changing it moved."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import formatters, frame, price_chart, state, tables
from dashboards import money as m
from dashboards.tables import Column, html_table
from dashboards.views import price_detail

if TYPE_CHECKING:
    from dashboards.client import Params
    from dashboards.visit import Visit

Row = dict[str, Any]

_LIST = "price_list"
_MISSING = "This service has no price book. Update it: it came with a later version."
_EMPTY = (
    "The price book is empty. Import the list that comes with the service by "
    "`answerable prices import`, or record your own by `answerable prices set`."
)
_ROWS_A_PAGE = "200"
_RESTATEMENTS_MAX = "15"

_COLUMNS: dict[str, tables.ArrowColumn] = {
    "Provider": partial(tables.texts, text=lambda row: row["provider"]),
    "Models": partial(tables.texts, text=lambda row: row["model"]),
    "Meter": partial(tables.texts, text=lambda row: row["meter"]),
    "Tier": partial(tables.texts, text=lambda row: row["service_tier"] or "standard"),
    "Above": partial(tables.texts, text=lambda row: _above(row["above"])),
    "Price": partial(tables.texts, text=price_chart.per),
    "For": partial(tables.texts, text=lambda row: row["tenant"] or "everybody"),
    "Valid from": partial(tables.texts, text=lambda row: price_detail.bound(row["valid_from"])),
    "Valid to": partial(tables.texts, text=lambda row: price_detail.bound(row["valid_to"])),
    "Source": partial(tables.texts, text=lambda row: row["source"] or formatters.ABSENT),
}
_STATES = {
    "final": "done",
    "booked": "done, one more look to come",
    "due": "under way",
}
#: Bookings that change money after the fact; `usage` is what the span itself said.
_KINDS = {
    "late_price": "late price: there was none when it came",
    "correction": "correction: another price holds for that time",
    "adopted": "adopted: only an agent's span reported it",
    "reversed": "reversed: the same call was reported twice",
    "shortfall": "shortfall of a commitment",
}
_BOOKING_COLUMNS = (
    Column("Kind", lambda row: _KINDS[row["kind"]]),
    Column("Money moved", lambda row: m.change(row["cost"] or "0", row["currency"]), "num"),
)
_RESTATEMENT_COLUMNS = (
    Column("Book", lambda row: str(row["book_version"]), "num"),
    Column("Published (UTC)", lambda row: formatters.minute(row["published_at"]), "dim"),
    Column("Who", lambda row: row["actor"] or formatters.ABSENT),
    Column("Approved by", lambda row: row["approver"] or formatters.ABSENT),
    Column("Why", lambda row: row["reason"] or "no reason given"),
    Column("Late prices", lambda row: formatters.exact(row["late_prices"]), "num"),
    Column("Corrections", lambda row: formatters.exact(row["corrections"]), "num"),
    Column("Money moved", lambda row: moved(row["cost_changes"]), "num"),
    Column("State", lambda row: str(_STATES.get(row["state"], row["state"]))),
)


def render(visit: Visit) -> None:
    """Draw the page."""
    line = frame.title(visit, "Prices")
    asked = _filters()
    with frame.readable_errors(_MISSING):
        answer = visit.costs.prices({**asked, "cursor": state.cursor(), "limit": _ROWS_A_PAGE})
        valid, known = (formatters.minute(answer[name]) for name in ("as_of", "known_at"))
        frame.note(line, f"Holds at {valid} UTC, as known at {known} UTC · of all tenants you see")
        if answer["items"]:
            _list(answer["items"])
            state.older_newer(answer["next_cursor"], newest="First", older="Next")
            _chosen(visit, asked)
        elif any(asked.values()):
            frame.empty(visit, "No price matches these filters at this time.")
        else:
            frame.empty(visit, _EMPTY)
        price_detail.lookup(visit, asked)
        _restatements(visit)
        _bookings(visit)


def _filters() -> Params:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        return {
            "provider": state.text("Provider", "provider", placeholder="any"),
            "model": state.text("Model", "model", placeholder="any"),
            "meter": state.text("Meter", "meter", placeholder="any"),
            "as_of": state.text("Valid at (UTC)", "valid_at", placeholder="now, or 2026-11-01"),
            "known_at": state.text("Known at (UTC)", "known_at", placeholder="now, or -7d"),
        }


def _list(items: list[Row]) -> None:
    st.caption("Click a row for its history.")
    st.dataframe(
        tables.arrow(items, _COLUMNS),
        key=_LIST,
        hide_index=True,
        height="content" if len(items) <= 10 else 400,
        on_select=partial(_open, items),
        selection_mode="single-cell",
        column_config={
            "Models": st.column_config.TextColumn(width=260),
            "Price": st.column_config.TextColumn(width=170),
        },
        alt="Prices that hold, by provider and model",
    )


def _open(items: list[Row]) -> None:
    row = tables.selected_row(st.session_state[_LIST])
    if row is not None and row < len(items):
        state.put(**price_detail.link(items[row]))


def _chosen(visit: Visit, asked: Params) -> None:
    key = price_detail.chosen()
    if key is not None:
        with frame.part("History"):
            price_detail.render(visit, key, asked["known_at"])


def _restatements(visit: Visit) -> None:
    st.subheader(
        "Price books and what they restated",
        anchor=False,
        help="A price set for the past adds rows with the difference; nothing is edited.",
    )
    with frame.part("Restatements"):
        found = visit.costs.restatements({"limit": _RESTATEMENTS_MAX})["items"]
        if found:
            st.html(html_table(_RESTATEMENT_COLUMNS, found))
            st.caption("Late prices are for usage that had none; corrections replace another.")
        else:
            st.caption("No price book was published yet.")


def _bookings(visit: Visit) -> None:
    """Show what was booked to the charges of the window after their span had been stored."""
    with frame.part("Bookings"):
        found = visit.costs.sums(visit.params(group_by="kind"))["items"]
        rows = [row for row in found if row["kind"] in _KINDS and row["currency"]]
        st.markdown(f"**Booked later, {visit.window.label[:1].lower()}{visit.window.label[1:]}**")
        if rows:
            st.html(html_table(_BOOKING_COLUMNS, rows))
        else:
            st.caption("Nothing: every charge of the window is as it was when it came.")


def moved(changes: dict[str, str]) -> str:
    """Write by how much the past became dearer, in every currency by itself."""
    return (
        ", ".join(m.change(amount, code) for code, amount in changes.items()) or formatters.ABSENT
    )


def _above(tokens: int) -> str:
    return f"> {formatters.count(tokens)} tokens" if tokens else formatters.ABSENT
