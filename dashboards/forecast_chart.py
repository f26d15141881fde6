"""The forecast: what days cost, what days to come may cost, and the 80 % band around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go  # type: ignore[import-untyped]

from dashboards.cost_charts import finish
from dashboards.money import money
from dashboards.theme import BLUE, ORANGE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HEIGHT_PX = 300
_BAND = "rgba(230,159,0,0.22)"


def days(forecast: Mapping[str, Any]) -> go.Figure:
    """Draw every day's cost as a bar, and the days to come as a line in their interval."""
    currency, figure = forecast["currency"], go.Figure()
    history = forecast["history"]
    figure.add_bar(
        x=[one["day"] for one in history],
        y=[float(one["cost"]) for one in history],
        name="spent",
        marker={"color": BLUE, "line": {"width": 0}},
        customdata=[money(one["cost"], currency) for one in history],
        hovertemplate="%{customdata}<extra></extra>",
    )
    ahead = [one for one in forecast["forecast"] if one["expected"] is not None]
    if ahead:
        band(figure, [one["day"] for one in ahead], ahead, currency)
    figure.update_layout(hovermode="x unified", bargap=0.25, showlegend=True)
    figure.update_yaxes(ticksuffix=f" {currency}" if currency else "", rangemode="tozero")
    return finish(figure, _HEIGHT_PX)


def band(
    figure: go.Figure, times: Sequence[str], ahead: Sequence[Mapping[str, Any]], currency: str
) -> None:
    """Add what is expected as a dashed line, and its interval as an area."""
    for edge, fill in (("high", None), ("low", "tonexty")):
        figure.add_scatter(
            x=list(times),
            y=[float(one[edge]) for one in ahead],
            name="80 % of outcomes",
            mode="lines",
            line={"width": 0},
            fill=fill,
            fillcolor=_BAND,
            showlegend=fill is not None,
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=list(times),
        y=[float(one["expected"]) for one in ahead],
        name="expected",
        mode="lines",
        line={"color": ORANGE, "width": 2, "dash": "dash"},
        customdata=[
            f"{money(one['expected'], currency)} ({money(one['low'], None)} to "
            f"{money(one['high'], None)})"
            for one in ahead
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
