"""Forecast: what the month will have cost, how sure that is, and how well it did before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import charts, forecast_chart, formatters, frame
from dashboards import money as m
from dashboards.tables import Tile, tiles
from dashboards.theme import BLUE, ORANGE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboards.client import Params
    from dashboards.visit import Visit


def render(visit: Visit, asked: Params) -> None:
    """Draw the panel; it looks from now to the end of the month, whatever the window."""
    st.subheader("Forecast", anchor=False, help="By day, UTC; it does not depend on the window.")
    with frame.part("Forecast"):
        found = visit.costs.forecast({**asked, "tenant": visit.tenant})
        st.html(tiles(_tiles(found)))
        if found["note"]:
            st.caption(formatters.plain(found["note"]))
        if found["history"]:
            st.plotly_chart(
                forecast_chart.days(found),
                config=charts.CONFIG,
                key="forecast",
                alt="Cost a day until now, and expected to the end of the month",
            )
        st.caption(backtest(found["backtest"]))


def _tiles(found: Mapping[str, Any]) -> list[Tile]:
    month, currency = found["month"], found["currency"]
    known = {
        "badge": m.coverage(found["coverage"]),
        "badge_colour": m.coverage_colour(found["coverage"]),
    }
    made = [
        Tile("Spent this month", m.money(month["spent"], currency), month["month"], BLUE, **known)
    ]
    if month["expected"] is not None:
        low, high = m.amount(month["low"]), m.money(month["high"], currency)
        made.append(
            Tile(
                "Expected by its end",
                m.money(month["expected"], currency),
                f"{_percent(float(month['level']))} between {low} and {high}",
                ORANGE,
                **known,
            )
        )
    return made


def backtest(found: Mapping[str, Any] | None) -> str:
    """Say how far off the same forecast was when it was made on past days."""
    if found is None or not found["n"]:
        return "It cannot be said yet how good a forecast is: there is too little history."
    error = found["wmape"] if found["mape"] is None else found["mape"]
    said = f"Made from each of {found['n']} past days over {found['days']} days, it was off by "
    said += "an unknown share" if error is None else f"{_percent(error)} on average"
    if found["naive_wmape"] is not None:
        said += f"; repeating the week before, by {_percent(found['naive_wmape'])}"
    if found["coverage"] is not None:
        said += f". {_percent(found['coverage'])} of outcomes lay in the band, which aims at 80 %"
    return f"{said}."


def _percent(share: float) -> str:
    return f"{share * 100:.3g} %"
