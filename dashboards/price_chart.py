"""The price of one thing over time, with what was believed before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go  # type: ignore[import-untyped]

from dashboards.cost_charts import finish
from dashboards.formatters import minute
from dashboards.theme import BLUE, GREY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HEIGHT_PX = 260


def per(row: Mapping[str, Any]) -> str:
    """Write a row's amount in the unit people quote it in."""
    if row["kind"] == "withdrawn":
        return "withdrawn"
    if row["kind"] == "factor":
        return f"factor {row['amount']}"
    if row["unit"] == "tokens":
        return f"{row['per_million']} {row['currency']} / M tokens"
    each = "unit" if row["unit"] in {"", "count"} else row["unit"].removesuffix("s")
    return f"{row['amount']} {row['currency']} / {each}"


def steps(rows: Sequence[Mapping[str, Any]], start: str, end: str) -> go.Figure:
    """Draw every row as a line over the time it is valid; replaced ones are dashed.

    Parameters
    ----------
    start, end
        Where open ends are drawn to.
    """
    figure = go.Figure()
    drawn = [row for row in rows if row["kind"] == "price"]
    named: set[bool] = set()
    # Oldest first, so that what holds now lies on top.
    for row in reversed(drawn):
        replaced = bool(row["superseded_by"])
        value = float(row["per_million"] if row["unit"] == "tokens" else row["amount"])
        figure.add_scatter(
            x=[row["valid_from"] or start, row["valid_to"] or end],
            y=[value, value],
            mode="lines",
            name="replaced" if replaced else "recorded last",
            legendgroup=str(replaced),
            showlegend=replaced not in named,
            line={
                "color": GREY if replaced else BLUE,
                "width": 1.5 if replaced else 3,
                "dash": "dash" if replaced else "solid",
            },
            customdata=[f"{per(row)}, recorded {minute(row['recorded_at'])} UTC"] * 2,
            hovertemplate="%{customdata}<extra></extra>",
        )
        named.add(replaced)
    figure.update_layout(showlegend=True)
    figure.update_xaxes(range=[start, end], type="date")
    figure.update_yaxes(rangemode="tozero", ticksuffix=f" {drawn[0]['currency']}" if drawn else "")
    return finish(figure, _HEIGHT_PX)
