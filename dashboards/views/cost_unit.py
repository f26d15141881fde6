"""Unit cost: what one decision, one outcome or one reviewed decision costs."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import cost_dimensions as dimensions
from dashboards import formatters, frame, state
from dashboards import money as m
from dashboards.tables import Column, Tile, html_table, tiles
from dashboards.theme import ORANGE

if TYPE_CHECKING:
    from dashboards.client import Params
    from dashboards.visit import Visit

_PER: dict[str, str] = {
    "decision": "Decision",
    "outcome": "Successful outcome",
    "review": "Reviewed decision",
}
_ROWS_MAX = 15
#: What both charges and decisions have.
_FILTERS = ("model", "currency")


def render(visit: Visit, asked: Params) -> None:
    """Draw the panel."""
    st.subheader(
        "Unit cost",
        anchor=False,
        help="Everything that was charged, divided by the decisions of the same group.",
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        per = state.option("Cost of one", "per", _PER)
        options = {name: dimensions.DIMENSIONS[name] for name in dimensions.UNIT_DIMENSIONS}
        by = state.option("By", "unit_by", options)
    with frame.part("Unit cost"):
        known = {name: value for name, value in asked.items() if name in _FILTERS}
        left_out = [name for name, value in asked.items() if value and name not in _FILTERS]
        if left_out:
            st.caption(f"Not narrowed by {', '.join(left_out)}: decisions do not carry it.")
        params = visit.params(**known, per=per)
        whole = visit.costs.units({**params, "group_by": "none"})["items"]
        rows = visit.costs.units({**params, "group_by": by})["items"]
        shown = sorted((row for row in rows if row["count"]), key=_dearest)
        left, right = st.columns([1, 3])
        left.html(tiles(_tile(one, per) for one in whole))
        right.html(html_table(_columns(by, per), shown[:_ROWS_MAX]))
        if len(shown) > _ROWS_MAX:
            st.caption(f"The dearest {_ROWS_MAX} of {len(shown):,}.")
        if not shown:
            st.caption("No decision in this window. Set `answerable.decision.name` on a span.")


def _dearest(row: dict[str, Any]) -> tuple[bool, Decimal]:
    return row["unit_cost"] is None, -Decimal(row["unit_cost"] or 0)


def _tile(one: dict[str, Any], per: str) -> Tile:
    return Tile(
        f"One {_PER[per].lower()}",
        _unit(one),
        f"{m.money(one['cost'], one['currency'])} / {formatters.count(one['count'])}",
        ORANGE,
        badge=m.coverage(one["coverage"]),
        badge_colour=m.coverage_colour(one["coverage"]),
    )


def _unit(row: dict[str, Any]) -> str:
    return "unknown" if row["unit_cost"] is None else m.money(row["unit_cost"], row["currency"])


def _columns(by: str, per: str) -> tuple[Column, ...]:
    return (
        Column(dimensions.DIMENSIONS[by], lambda row: dimensions.label(row, by)),
        Column(f"One {_PER[per].lower()}", _unit, "num"),
        Column(f"{_PER[per]}s", lambda row: formatters.exact(row["count"]), "num"),
        Column("Cost", lambda row: m.money(row["cost"], row["currency"]), "num"),
        Column(
            "Coverage",
            lambda row: m.coverage(row["coverage"]),
            dot=lambda row: m.coverage_colour(row["coverage"]),
        ),
    )
