"""One price with both its clocks, and what a call costs by the book."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import charts, formatters, frame, price_chart, state
from dashboards.tables import Column, facts, html_table

if TYPE_CHECKING:
    from dashboards.client import Params
    from dashboards.visit import Visit

Row = dict[str, Any]

_ROWS_MAX = "200"
#: Stretch of the chart before the earliest date that is known, and after now.
_MARGIN = timedelta(days=30)

#: What names one price, and the parameter of the URL that holds it.
_KEY = {
    "provider": "p_provider",
    "model": "p_model",
    "meter": "p_meter",
    "service_tier": "p_tier",
    "above": "p_above",
    "tenant": "p_tenant",
}

_HISTORY_COLUMNS = (
    Column("Price", price_chart.per, "num"),
    Column("Valid from (UTC)", lambda row: bound(row["valid_from"])),
    Column("Valid to (UTC)", lambda row: bound(row["valid_to"])),
    Column("Recorded (UTC)", lambda row: formatters.minute(row["recorded_at"])),
    Column("Replaced", lambda row: "by a later row" if row["superseded_by"] else "no"),
    Column("Who", lambda row: row["actor"] or formatters.ABSENT),
    Column("Approved by", lambda row: row["approver"] or formatters.ABSENT),
    Column("Why", lambda row: row["reason"] or "no reason given"),
    Column(
        "Source", lambda row: row["source"] or formatters.ABSENT, link=lambda r: r["source_url"]
    ),
)
_ROW_COLUMNS = (
    Column("Row", lambda row: row["price_id"], "code"),
    Column("Price", price_chart.per, "num"),
    Column("Models", lambda row: row["model"]),
    Column("For", lambda row: row["tenant"] or "everybody"),
    Column(
        "Source", lambda row: row["source"] or formatters.ABSENT, link=lambda r: r["source_url"]
    ),
)


def link(row: Row) -> dict[str, str]:
    """Name a price in the URL."""
    return {parameter: str(row[name] or "") for name, parameter in _KEY.items()}


def chosen() -> Row | None:
    """Read which price the URL names."""
    key = {name: state.get(parameter) for name, parameter in _KEY.items()}
    return key if key["model"] and key["meter"] else None


def bound(text: str | None) -> str:
    """Write an end of a time; an open one is said."""
    return "open" if text is None else formatters.minute(text)


def render(visit: Visit, key: Row, known_at: str) -> None:
    """Draw the history of one price."""
    names = {name: key[name] for name in ("provider", "model", "meter", "tenant")}
    asked = {**names, "known_at": known_at, "limit": _ROWS_MAX}
    found = visit.costs.price_history(asked)["items"]
    rows = [row for row in found if _is_of(row, key)]
    said = [key["provider"], key["model"], key["meter"], key["service_tier"] or "standard"]
    st.subheader(formatters.plain(f"History of {' · '.join(said)}"), anchor=False)
    if not rows:
        st.caption("Nothing was recorded for it.")
        return
    now = datetime.now(UTC)
    known = [formatters.parse_time(row["valid_from"]) for row in rows if row["valid_from"]]
    start = min([*known, now - timedelta(days=150)]) - _MARGIN
    st.plotly_chart(
        price_chart.steps(rows, start.isoformat(), (now + _MARGIN).isoformat()),
        config=charts.CONFIG,
        key=f"steps {sorted(key.items())}",
        alt="The price over the time it is valid; replaced rows are dashed",
    )
    st.html(html_table(_HISTORY_COLUMNS, rows))
    st.caption(
        "Valid is when a price holds, recorded is when the book learnt of it. "
        "Set Known at above to see what was believed then."
    )


def lookup(visit: Visit, asked: Params) -> None:
    """Say what a call costs now, by which rule and rows, once a model is named."""
    if not asked["model"]:
        return
    with frame.part("What a call costs"):
        meter = asked["meter"] or state.get(_KEY["meter"]) or "input"
        found = visit.costs.resolved(
            {
                **{name: asked[name] for name in ("provider", "model", "known_at")},
                "tenant": visit.tenant,
                "meter": meter,
                "at": asked["as_of"],
            }
        )
        st.subheader(formatters.plain(f"What {meter} of {asked['model']} costs"), anchor=False)
        st.html(facts(_why(found)))
        if found["rows"]:
            st.html(html_table(_ROW_COLUMNS, found["rows"]))


def _why(found: Row) -> dict[str, str]:
    if found["amount"] is None:
        return {"Price": "no price", "Why": found["why_not"] or formatters.ABSENT}
    shown = {**found, "kind": "price"}
    return {
        "Price": price_chart.per(shown),
        "Rule": found["rule"] or formatters.ABSENT,
        "Valid (UTC)": f"{bound(found['valid_from'])} to {bound(found['valid_to'])}",
        "Tenant": found["tenant"] or "everybody",
    }


def _is_of(row: Row, key: Row) -> bool:
    above = str(row["above"] or "")
    return (row["service_tier"], above) == (key["service_tier"], key["above"])
