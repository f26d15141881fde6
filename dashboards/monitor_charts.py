"""Charts of monitors: what each window came to, and how often one would have alarmed."""

from __future__ import annotations

from collections import defaultdict
from html import escape
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go  # type: ignore[import-untyped]

from dashboards import drift_words as words
from dashboards.cost_charts import finish
from dashboards.formatters import minute
from dashboards.theme import BLUE, GREEN, GREY, ORANGE, PURPLE, SERVICE_COLOURS, SKY, VERMILLION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: States of a judged window, quietest first: colour and how each reads.
STATES: dict[str, tuple[str, str]] = {
    "unable": (GREY, "not judged"),
    "quiet": (GREEN, "quiet"),
    "significant": (SKY, "significant"),
    "suspected": (ORANGE, "suspected"),
    "cooling": (PURPLE, "cooling down"),
    "confirmed": (VERMILLION, "alarm"),
}
_STRIP_PX = 150
_RESULTS_PX = 300
_SERIES_MAX = 8


def said(state: str) -> str:
    """Write a state; one of a newer service by its name."""
    return STATES.get(state, (GREY, state.replace("_", " ")))[1]


def gravity(state: str) -> int:
    """Order states, the gravest highest."""
    order = list(STATES)
    return order.index(state) if state in order else -1


def colour(state: str) -> str:
    """Give a state its colour."""
    return STATES.get(state, (BLUE, ""))[0]


def strip(windows: Sequence[Mapping[str, Any]]) -> go.Figure:
    """Draw judged windows as one strip, a colour a state; its height is what was significant."""
    figure = go.Figure()
    for state in dict.fromkeys([*STATES, *(one["state"] for one in windows)]):
        shown = [one for one in windows if one["state"] == state]
        if not shown:
            continue
        figure.add_bar(
            x=[one["start"] for one in shown],
            y=[1 + int(one.get("significant") or 0) for one in shown],
            name=said(state),
            marker={"color": colour(state), "line": {"width": 0}},
            customdata=[
                [minute(one["start"]), said(state), int(one.get("significant") or 0)]
                for one in shown
            ],
            hovertemplate="%{customdata[0]} UTC: %{customdata[1]}, "
            "%{customdata[2]} significant<extra></extra>",
        )
    figure.update_layout(barmode="stack", bargap=0.08, showlegend=True)
    finish(figure, _STRIP_PX)
    figure.update_yaxes(showticklabels=False, showgrid=False)
    return figure


def results(rows: Sequence[Mapping[str, Any]]) -> go.Figure:
    """Draw estimates of what a monitor watches, the strongest series in colour."""
    series: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        if words.number(row["estimate"]) is not None:
            series[name(row)].append(row)
    strongest = sorted(series, key=lambda one: -max(_level(row) for row in series[one]))
    figure = go.Figure()
    for place, one in enumerate(strongest[:_SERIES_MAX]):
        ink = SERVICE_COLOURS[place % len(SERVICE_COLOURS)]
        held = sorted(series[one], key=lambda row: row["window_start"])
        figure.add_scatter(
            x=[row["window_start"] for row in held],
            y=[_level(row) for row in held],
            name=escape(one),
            mode="lines+markers",
            line={"color": ink, "width": 2},
            marker={
                "color": [VERMILLION if row["state"] == "confirmed" else ink for row in held],
                "size": [12 if row["state"] == "confirmed" else 4 for row in held],
                "symbol": ["x" if row["state"] == "confirmed" else "circle" for row in held],
            },
            customdata=[[escape(one), said(row["state"])] for row in held],
            hovertemplate="%{customdata[0]}: %{y:.3g}, %{customdata[1]}<extra></extra>",
        )
    figure.update_layout(showlegend=True)
    figure.update_yaxes(rangemode="tozero")
    return finish(figure, _RESULTS_PX)


def name(row: Mapping[str, Any]) -> str:
    """Write what a result is about."""
    part = words.slice_of(str(row.get("dimension") or ""), str(row.get("value") or ""))
    head = words.feature(str(row.get("feature") or "")) or "all features"
    return head if part == "all traffic" else f"{head}, {part}"


def _level(row: Mapping[str, Any]) -> float:
    return words.number(row["estimate"]) or 0.0
