"""Charts of drift: pure functions from answers of the API to Plotly figures."""

from __future__ import annotations

from datetime import timedelta
from html import escape
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go  # type: ignore[import-untyped]

from dashboards import drift_words as words
from dashboards.cost_charts import finish
from dashboards.formatters import exact, minute, parse_time, shorten
from dashboards.theme import BLUE, GREY

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dashboards.drift_contract import HeatCell, HeatRow

_ROW_PX = 24
_LABEL_CHARS = 34
_DETAIL_PX = 300
#: From hardly there to strong, so that it reads on light and dark pages, with any colour vision.
_SCALE = (
    (0.0, "rgba(138,148,163,0.16)"),
    (0.15, "rgba(230,159,0,0.45)"),
    (0.5, "rgba(230,159,0,1)"),
    (1.0, "rgba(190,70,0,1)"),
)
_BAND = "rgba(0,114,178,0.20)"
#: A cell of fewer decisions says nothing of how they are spread.
_DECISIONS_MIN = 20


def ranked(rows: Sequence[HeatRow], most: int) -> list[HeatRow]:
    """Choose the features that surely moved most at any time, the strongest first."""
    return sorted(rows, key=lambda row: (*_peak(row), row["feature"]))[:most]


def _peak(row: HeatRow) -> tuple[float, float]:
    surely = max((level(cell, sure=True) or 0.0 for cell in row["cells"]), default=0.0)
    return -surely, -max((level(cell, sure=False) or 0.0 for cell in row["cells"]), default=0.0)


def level(cell: HeatCell, *, sure: bool) -> float | None:
    """Read how far a cell is from its reference; None where that cannot be told.

    Parameters
    ----------
    sure
        Whether to take the lower bound of its interval: what chance alone would show is then
        nothing. Where there is none, the estimate.
    """
    if cell["n"] < _DECISIONS_MIN:
        return None
    low = words.number(cell["low"])
    return low if sure and low is not None else words.number(cell["estimate"])


def strongest(row: HeatRow) -> str:
    """Give the start of the cell in which a feature surely moved most; empty where it did not."""
    cells = [cell for cell in row["cells"] if level(cell, sure=True)]
    return max(cells, key=lambda cell: level(cell, sure=True) or 0.0)["start"] if cells else ""


def heat(rows: Sequence[HeatRow], statistic: str, hours: float, *, sure: bool) -> go.Figure:
    """Draw features by time, darker where they differ more; a cell without a number stays empty.

    The cells that can be clicked are markers without ink on top: a heat map has no selection.

    Parameters
    ----------
    hours
        Length of a cell, which begins at its start.
    sure
        Whether colour says how far a cell surely is, or what was estimated.
    """
    ends, middles = _edges(rows, hours)
    names = [escape(shorten(words.feature(row["feature"]), _LABEL_CHARS)) for row in rows]
    place = list(range(len(rows)))
    levels = [[level(cell, sure=sure) for cell in row["cells"]] for row in rows]
    full = words.HEAT.get(statistic, ("", 0.0))[1]
    top = max((one for row in levels for one in row if one is not None), default=0.0)
    figure = go.Figure()
    figure.add_heatmap(
        x=ends,
        y=place,
        z=levels,
        zmin=0,
        zmax=full or top or 1.0,
        colorscale=_SCALE,
        xgap=1,
        ygap=2,
        hoverinfo="skip",
        colorbar={"thickness": 10, "outlinewidth": 0, "len": 1, "x": 1.01},
    )
    marks = [(cell, row, at) for at, row in enumerate(rows) for cell in row["cells"]]
    figure.add_scatter(
        x=[middles[cell["start"]] for cell, _, _ in marks],
        y=[at for _, _, at in marks],
        mode="markers",
        marker={"symbol": "square", "size": 18, "opacity": 0, "color": GREY},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        customdata=[[row["feature"], cell["start"]] for cell, row, _ in marks],
        text=[_said(cell, row, statistic) for cell, row, _ in marks],
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )
    figure.update_layout(showlegend=False, hovermode="closest")
    finish(figure, _ROW_PX * max(len(rows), 3) + 60)
    figure.update_yaxes(
        tickvals=place,
        ticktext=names,
        range=[len(rows) - 0.5, -0.5],
        showgrid=False,
        zeroline=False,
    )
    figure.update_xaxes(showgrid=False, range=[ends[0], ends[-1]] if ends else None)
    return figure


def _edges(rows: Sequence[HeatRow], hours: float) -> tuple[list[str], dict[str, str]]:
    """Give where cells begin and the last one ends, and the middle of each by its start."""
    starts = [cell["start"] for cell in rows[0]["cells"]] if rows else []
    begins = [parse_time(start) for start in starts]
    long = timedelta(hours=hours)
    middles = {start: _axis(at + long / 2) for start, at in zip(starts, begins, strict=True)}
    return [_axis(at) for at in (*begins, *(at + long for at in begins[-1:]))], middles


def _axis(at: datetime) -> str:
    """Write a time as Plotly takes the bounds of an axis: without a zone."""
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")


def _said(cell: HeatCell, row: HeatRow, statistic: str) -> str:
    said = [f"<b>{escape(words.feature(row['feature']))}</b>", f"from {minute(cell['start'])} UTC"]
    if words.number(cell["estimate"]) is None:
        said.append(escape(cell.get("reason") or "no number"))
    else:
        said.append(f"{words.statistic(statistic)} {words.figure(cell['estimate'])}")
        if words.number(cell["low"]) is not None:
            said.append(f"interval {words.interval(cell['low'], cell['high'])}")
    return "<br>".join([*said, f"{exact(cell['n'])} decisions"])


def over_time(row: HeatRow, statistic: str) -> go.Figure:
    """Draw one feature's statistic with its interval as a band."""
    known = [cell for cell in row["cells"] if words.number(cell["estimate"]) is not None]
    figure = go.Figure()
    banded = [cell for cell in known if words.number(cell["low"]) is not None]
    if banded:
        times = [cell["start"] for cell in banded]
        add_band(figure, times, [(cell["low"], cell["high"]) for cell in banded], _BAND)
    figure.add_scatter(
        x=[cell["start"] for cell in known],
        y=[words.number(cell["estimate"]) for cell in known],
        name=words.statistic(statistic),
        mode="lines+markers",
        line={"color": BLUE, "width": 2},
        marker={"size": 5},
        text=[_said(cell, row, statistic) for cell in known],
        hovertemplate="%{text}<extra></extra>",
    )
    figure.update_layout(showlegend=bool(banded))
    figure.update_yaxes(rangemode="tozero")
    return finish(figure, _DETAIL_PX)


def add_band(
    figure: go.Figure,
    times: Sequence[str],
    bounds: Sequence[tuple[Any, Any]],
    colour: str,
    *,
    scale: float = 1.0,
    name: str = "interval",
) -> None:
    """Add an interval as an area without a line."""
    for side, fill in ((1, None), (0, "tonexty")):
        figure.add_scatter(
            x=list(times),
            y=[scale * (words.number(pair[side]) or 0.0) for pair in bounds],
            name=name,
            mode="lines",
            line={"width": 0},
            fill=fill,
            fillcolor=colour,
            showlegend=fill is not None,
            hoverinfo="skip",
        )
