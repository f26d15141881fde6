"""Slices a search found: how large each is, and how much worse the model does in it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go  # type: ignore[import-untyped]

from dashboards import drift_words as words
from dashboards.cost_charts import finish
from dashboards.formatters import exact
from dashboards.theme import GREY, ORANGE, VERMILLION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HEIGHT_PX = 290


def predicate(found: Mapping[str, Any]) -> str:
    """Write one condition: a value, a stretch of numbers, or an absence."""
    name = words.feature(str(found["feature"]))
    if found["op"] == "equals":
        value = found["value"]
        return f"{name} is {value if isinstance(value, str) else words.figure(value)}"
    if found["op"] != "between":
        return f"{name} {found['op'].replace('_', ' ').replace('nan', 'not a number')}"
    low, high = (None if found[end] is None else words.figure(found[end]) for end in ("from", "to"))
    if low is None:
        return f"{name} ≤ {high}"
    return f"{name} > {low}" if high is None else f"{low} < {name} ≤ {high}"


def conditions(found: Mapping[str, Any]) -> str:
    """Write a slice: all of its conditions hold."""
    return " and ".join(predicate(one) for one in found["predicates"]) or "everything"


def found(items: Sequence[Mapping[str, Any]], base: float | None, said: str) -> go.Figure:
    """Draw slices by size and level, confirmed ones filled; the dotted line is the whole window.

    Parameters
    ----------
    said
        What the level is, such as the share of errors.
    """
    figure = go.Figure()
    for confirmed, name, colour, symbol in (
        (True, "confirmed on held-out data", VERMILLION, "circle"),
        (False, "not confirmed", GREY, "circle-open"),
    ):
        shown = [
            (place, one)
            for place, one in enumerate(items, 1)
            if bool(one["confirmed"]) == confirmed
        ]
        if not shown:
            continue
        figure.add_scatter(
            x=[100 * (words.number(one["share"]) or 0.0) for _, one in shown],
            y=[words.number(one["mean"]) for _, one in shown],
            name=name,
            mode="markers+text",
            marker={
                "color": colour,
                "size": 13,
                "symbol": symbol,
                "line": {"width": 2, "color": colour},
            },
            text=[str(place) for place, _ in shown],
            textposition="top center",
            customdata=[[escape(conditions(one)), exact(one["size"])] for _, one in shown],
            hovertemplate="%{customdata[0]}<br>%{y:.3g}, %{customdata[1]} decisions<extra></extra>",
        )
    if base is not None:
        figure.add_hline(
            y=base,
            line={"color": ORANGE, "width": 1.5, "dash": "dot"},
            annotation={"text": "whole window", "font": {"color": ORANGE}},
        )
    figure.update_layout(showlegend=True)
    finish(figure, _HEIGHT_PX)
    figure.update_xaxes(
        ticksuffix=" %", rangemode="tozero", title={"text": "share of the window's decisions"}
    )
    # Room for the numbers above the highest.
    top = max([base or 0.0, *(words.number(one["mean"]) or 0.0 for one in items)])
    figure.update_yaxes(range=[0, 1.18 * top or 1], title={"text": said})
    return figure
