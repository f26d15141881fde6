"""Live ingest: did my data arrive, and if not, what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import charts, formatters, frame
from dashboards.contract import STATES
from dashboards.tables import Column, Tile, html_table, tiles
from dashboards.theme import STATE_COLOURS

if TYPE_CHECKING:
    from dashboards.contract import Ledger, State
    from dashboards.visit import Visit

_RECENT_MAX = "30"

_MEANINGS: dict[State, str] = {
    "received": "in bodies the service read",
    "stored": "in the store, and the sender was told so",
    "rejected": "refused, and the sender was told why",
    "duplicate": "sent again, not counted twice",
    "quarantined": "cannot be stored; their bytes are kept",
}


def _colour(row: dict[str, Any]) -> str:
    return STATE_COLOURS.get(row["state"], STATE_COLOURS["received"])


_REASON_COLUMNS = (
    Column("Signal", lambda row: row["signal"]),
    Column("State", lambda row: row["state"], dot=_colour),
    Column("Reason", lambda row: row["reason"] or formatters.ABSENT),
    Column("Tenant", lambda row: row["tenant"] or formatters.ABSENT),
    Column("Items", lambda row: formatters.exact(row["items"]), "num"),
    Column("Requests", lambda row: formatters.exact(row["requests"]), "num"),
    Column("Bytes", lambda row: formatters.size(row["bytes"]), "num"),
)
_RECENT_COLUMNS = (
    Column("Time (UTC)", lambda row: formatters.clock(row["time"]), "dim"),
    Column("Signal", lambda row: row["signal"]),
    Column("State", lambda row: row["state"], dot=_colour),
    Column("Reason", lambda row: row["reason"] or formatters.ABSENT),
    Column("Items", lambda row: formatters.exact(row["items"]), "num"),
    Column("Bytes", lambda row: formatters.size(row["bytes"]), "num"),
    Column("Tenant", lambda row: row["tenant"] or formatters.ABSENT),
    Column("Key", lambda row: row["key_id"] or formatters.ABSENT, "code"),
    Column("Request", lambda row: row["request_id"] or formatters.ABSENT, "code"),
)


def render(visit: Visit) -> None:
    """Draw the page; its body reads again by itself, the rest stays."""
    line = frame.title(visit, "Live ingest")
    arrived: list[bool] = []

    @st.fragment(run_every=visit.settings.dashboard_refresh_s)
    def live() -> None:
        with frame.readable_errors():
            answer = visit.api.ledger(visit.params(limit=_RECENT_MAX))
            seen, every = answer["window"], visit.settings.dashboard_refresh_s
            st.caption(
                f"{formatters.between(seen['from'], seen['to'])} · "
                f"{frame.as_of(answer['as_of'])} · reads again every {every:g} s"
            )
            arrived.append(_body(visit, answer))

    line.empty()
    live()
    # Decided once per visit: the snippets stay where they are when the first data comes in.
    with st.expander("Connect a service", icon=":material/cable:", expanded=arrived == [False]):
        frame.connect(visit)


def _body(visit: Visit, answer: Ledger) -> bool:
    """Draw what arrived; False when nothing did."""
    if not answer["totals"]["received"]["requests"]:
        frame.empty(
            visit,
            "Nothing arrived in this window yet. This page reads again by itself: send "
            "something with one of the snippets below and watch it come in.",
        )
        return False
    st.html(tiles(_totals(answer)))
    _balance(answer)
    st.caption(" · ".join(f"**{state}**: {_MEANINGS[state]}" for state in STATES))
    if answer["series"]:
        figure = charts.ledger(answer["series"], answer["window"], answer["bucket_s"])
        st.plotly_chart(figure, config=charts.CONFIG, key="ledger", alt="Items over time by state")
    st.subheader("By signal and reason", anchor=False)
    rows = sorted(answer["rows"], key=_order)
    st.html(html_table(_REASON_COLUMNS, rows))
    st.subheader("Last requests", anchor=False)
    st.html(html_table(_RECENT_COLUMNS, answer["recent"]))
    return True


def _totals(answer: Ledger) -> list[Tile]:
    shown = []
    for state in STATES:
        total = answer["totals"][state]
        requests = formatters.exact(total["requests"])
        bodies = "request" if total["requests"] == 1 else "requests"
        note = f"{requests} {bodies}, {formatters.size(total['bytes'])}"
        items = formatters.exact(total["items"])
        shown.append(Tile(state.capitalize(), items, note, STATE_COLOURS[state]))
    return shown


def _balance(answer: Ledger) -> None:
    if answer["balanced"]:
        st.success(
            "Balanced: received = stored + rejected + duplicate + quarantined.",
            icon=":material/check_circle:",
        )
        return
    items = {state: answer["totals"][state]["items"] for state in STATES}
    gap = items["received"] - sum(items[state] for state in STATES[1:])
    st.error(
        f"Not balanced: {formatters.exact(gap)} of {formatters.exact(items['received'])} items "
        "have no recorded fate. Items under way settle within a second or two.",
        icon=":material/balance:",
    )


def _order(row: dict[str, Any]) -> tuple[str, int, int]:
    known = row["state"] in STATES
    return row["signal"], STATES.index(row["state"]) if known else len(STATES), -row["items"]
