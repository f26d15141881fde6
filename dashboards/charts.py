"""Charts: pure functions from answers of the API to Plotly figures."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go  # type: ignore[import-untyped]

from dashboards.contract import STATES
from dashboards.formatters import confidence, number, shorten
from dashboards.theme import (
    BLUE,
    GREY,
    ORANGE,
    SERIES_COLOURS,
    STATE_COLOURS,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboards.contract import Interval

#: Passed to every chart: no tool bar, wheel scrolls the page.
CONFIG = {"displayModeBar": False, "scrollZoom": False, "responsive": True}

_LABEL_CHARS = 28
_ROW_PX = 30


def activity(series: Sequence[Mapping[str, Any]], bucket_s: int) -> go.Figure:
    """Draw spans per bucket as bars, the failed ones in front, decisions as a line."""
    times = [point["time"] for point in series]
    figure = go.Figure()
    for name, width in (("spans", 0.9), ("errors", 0.9)):
        figure.add_bar(
            x=times,
            y=[point[name] for point in series],
            name=name,
            marker={"color": SERIES_COLOURS[name], "line": {"width": 0}},
            opacity=0.55 if name == "spans" else 1,
            width=bucket_s * 1000 * width,
        )
    figure.add_scatter(
        x=times,
        y=[point["decisions"] for point in series],
        name="decisions",
        mode="lines+markers",
        line={"color": SERIES_COLOURS["decisions"], "width": 2},
        marker={"size": 4},
    )
    figure.update_layout(barmode="overlay", hovermode="x unified")
    return _finish(figure, height=280)


def tokens(series: Sequence[Mapping[str, Any]]) -> go.Figure:
    """Draw tokens per bucket as an area."""
    figure = go.Figure()
    figure.add_scatter(
        x=[point["time"] for point in series],
        y=[point["tokens"] for point in series],
        name="tokens",
        mode="lines",
        fill="tozeroy",
        line={"color": SERIES_COLOURS["tokens"], "width": 2},
    )
    return _finish(figure, height=280)


def ledger(series: Sequence[Mapping[str, Any]], window: Interval, bucket_s: int) -> go.Figure:
    """Draw items per bucket by what became of them; received is their sum and not drawn.

    Buckets in which nothing arrived are absent, so the axis is the window's, not the data's.
    """
    figure = go.Figure()
    for state in STATES[1:]:
        points = [point for point in series if point["state"] == state]
        if not points:
            continue
        figure.add_bar(
            x=[point["time"] for point in points],
            y=[point["items"] for point in points],
            name=state,
            marker={"color": STATE_COLOURS[state], "line": {"width": 0}},
            width=0.85 * bucket_s * 1000,
            offset=0,
        )
    figure.update_layout(barmode="stack", hovermode="x unified", showlegend=True)
    figure.update_xaxes(range=[window["from"], window["to"]])
    return _finish(figure, height=230)


def gauge(level: float | None) -> go.Figure:
    """Draw a confidence of 0 to 1 on a dial; without one the dial is empty and says so."""
    figure = go.Figure()
    figure.add_indicator(
        mode="gauge+number" if level is not None else "gauge",
        value=level or 0,
        number={"valueformat": ".2f", "font": {"size": 34}},
        gauge={
            "axis": {"range": [0, 1], "tickvals": [0, 0.25, 0.5, 0.75, 1]},
            "bar": {"color": BLUE if level is not None else GREY, "thickness": 0.55},
            "borderwidth": 0,
            "bgcolor": "rgba(138,148,163,0.18)",
        },
    )
    if level is None:
        figure.add_annotation(text=confidence(None), showarrow=False, x=0.5, y=0.12, font_size=15)
    figure.update_layout(margin={"l": 26, "r": 26, "t": 26, "b": 8}, height=190)
    return figure


def features(values: Mapping[str, float]) -> go.Figure:
    """Draw numeric features as bars on one axis, in the order given; negative ones in orange."""
    names = [escape(shorten(name, _LABEL_CHARS)) for name in values]
    levels = list(values.values())
    figure = go.Figure()
    figure.add_bar(
        x=levels,
        # Positions, not names: two long names may be cut to the same text.
        y=list(range(len(names))),
        orientation="h",
        marker={"color": [ORANGE if level < 0 else BLUE for level in levels]},
        text=[number(level) for level in levels],
        textposition="outside",
        cliponaxis=False,
        customdata=[escape(name) for name in values],
        hovertemplate="%{customdata}: %{x}<extra></extra>",
    )
    figure.update_yaxes(
        autorange="reversed", tickvals=list(range(len(names))), ticktext=names, showgrid=False
    )
    figure.update_layout(showlegend=False, bargap=0.35)
    # Room at both ends for the numbers, which stand outside the bars.
    low, high = min(0.0, *levels), max(0.0, *levels)
    room = 0.14 * (high - low or 1.0)
    figure.update_xaxes(range=[low - (room if low < 0 else 0), high + room])
    return _finish(figure, height=_ROW_PX * len(names) + 50)


def _finish(figure: go.Figure, *, height: int) -> go.Figure:
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 28, "b": 8},
        legend={"orientation": "h", "y": 1.14, "x": 0, "title": None},
    )
    figure.update_xaxes(title=None, automargin=True)
    figure.update_yaxes(title=None, rangemode="tozero", automargin=True)
    return figure
