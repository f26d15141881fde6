"""Charts of a model's health: how sure it is, how right it is, and whether the two agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go  # type: ignore[import-untyped]

from dashboards import drift_words as words
from dashboards.cost_charts import finish
from dashboards.drift_charts import add_band
from dashboards.formatters import exact
from dashboards.theme import BLUE, GREEN, GREY, ORANGE, PURPLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Row = dict[str, Any]

_HEIGHT_PX = 300
_LOW_PX = 210
_ERROR_INK = "#5C6675"
_ESTIMATED = "rgba(0,114,178,0.20)"

#: A step with fewer labels is not drawn: its interval would be all there is to see.
LABELS_MIN = 10

#: Measures that are both estimated without labels and realised with them.
MEASURES: dict[str, str] = {"accuracy": "Accuracy", "auc": "AUC"}


def measured(item: Mapping[str, Any], side: str, measure: str) -> Row | None:
    """Read an estimate with its bounds; None where there is none, or too few labels for one."""
    held = item.get(side) or {}
    found: Row | None = held.get(measure)
    if found is None or words.number(found["estimate"]) is None:
        return None
    return None if side == "realised" and held["n"] < LABELS_MIN else found


def sureness(item: Mapping[str, Any]) -> float | None:
    """Read the mean confidence of a step; None where no decision had one."""
    return words.number((item.get("confidence") or {}).get("mean"))


def performance(items: Sequence[Row], measure: str) -> go.Figure:
    """Draw what confidence lets expect as a line in its band, and what labels showed as points."""
    figure = go.Figure()
    expected = [(item["start"], measured(item, "estimated", measure)) for item in items]
    known = [(at, one) for at, one in expected if one]
    banded = [(at, one) for at, one in known if words.number(one["low"]) is not None]
    if banded:
        bounds = [(one["low"], one["high"]) for _, one in banded]
        times = [at for at, _ in banded]
        add_band(figure, times, bounds, _ESTIMATED, scale=100, name="its interval")
    figure.add_scatter(
        x=[at for at, _ in known],
        y=[100 * (words.number(one["estimate"]) or 0.0) for _, one in known],
        name="estimated, without labels",
        mode="lines",
        line={"color": BLUE, "width": 2},
        customdata=[words.band(one) for _, one in known],
        hovertemplate="estimated %{y:.1f} % (%{customdata})<extra></extra>",
    )
    _add_realised(figure, items, measure)
    figure.update_layout(showlegend=True)
    finish(figure, _HEIGHT_PX)
    figure.update_yaxes(ticksuffix=" %")
    return figure


def _add_realised(figure: go.Figure, items: Sequence[Row], measure: str) -> None:
    found = [(item, measured(item, "realised", measure)) for item in items]
    known = [(item, one) for item, one in found if one]
    if not known:
        return
    levels = [100 * (words.number(one["estimate"]) or 0.0) for _, one in known]
    figure.add_scatter(
        x=[item["start"] for item, _ in known],
        y=levels,
        name="realised, from labels",
        mode="markers",
        marker={"color": ORANGE, "size": 8, "symbol": "diamond"},
        error_y=_bars([one for _, one in known], levels),
        customdata=[f"{exact(item['realised']['n'])} labels" for item, _ in known],
        hovertemplate="realised %{y:.1f} % (%{customdata})<extra></extra>",
    )


def _bars(found: Sequence[Row], levels: Sequence[float]) -> Row:
    """Give error bars in per cent; an estimate without an interval has none."""
    up, down = [], []
    for one, level in zip(found, levels, strict=True):
        low, high = words.number(one["low"]), words.number(one["high"])
        up.append(0.0 if high is None else max(0.0, 100 * high - level))
        down.append(0.0 if low is None else max(0.0, level - 100 * low))
    return {"type": "data", "symmetric": False, "array": up, "arrayminus": down, "width": 0}


def confidence(items: Sequence[Row]) -> go.Figure:
    """Draw mean confidence over time, in the band of its middle 80 per cent."""
    known = [item for item in items if sureness(item) is not None]
    figure = go.Figure()
    if known:
        bounds = [(item["confidence"]["p10"], item["confidence"]["p90"]) for item in known]
        times = [item["start"] for item in known]
        add_band(figure, times, bounds, "rgba(204,121,167,0.22)", name="middle 80 %")
    figure.add_scatter(
        x=[item["start"] for item in known],
        y=[sureness(item) for item in known],
        name="mean confidence",
        mode="lines+markers",
        line={"color": PURPLE, "width": 2},
        marker={"size": 4},
        customdata=[exact(item["n"]) for item in known],
        hovertemplate="%{y:.3f} of %{customdata} decisions<extra></extra>",
    )
    figure.update_layout(showlegend=True)
    return finish(figure, _LOW_PX)


def coverage(items: Sequence[Row]) -> go.Figure:
    """Draw decisions over time and, in front, those of them that have a label by now."""
    figure = go.Figure()
    labelled = [(item.get("realised") or {}).get("n") or 0 for item in items]
    both = (("decisions", [item["n"] for item in items], GREY), ("with a label", labelled, GREEN))
    for name, counts, colour in both:
        figure.add_bar(
            x=[item["start"] for item in items],
            y=counts,
            name=name,
            marker={"color": colour, "line": {"width": 0}},
            opacity=0.45 if colour == GREY else 1,
        )
    figure.update_layout(barmode="overlay", hovermode="x unified", showlegend=True, bargap=0.15)
    return finish(figure, _LOW_PX)


def calibration(bins: Sequence[Row]) -> go.Figure:
    """Draw how often a model was right by how sure it was; on the dotted line the two agree."""
    filled = [one for one in bins if one["n"] and words.number(one["accuracy"]) is not None]
    levels = [100 * (words.number(one["accuracy"]) or 0.0) for one in filled]
    most = max((one["n"] for one in filled), default=1)
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 100],
        y=[0, 100],
        name="as sure as right",
        mode="lines",
        line={"color": GREY, "width": 1.5, "dash": "dot"},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=[100 * (words.number(one["confidence"]) or 0.0) for one in filled],
        y=levels,
        name="decisions by confidence",
        mode="lines+markers",
        line={"color": BLUE, "width": 1},
        marker={"color": BLUE, "size": [6 + 10 * (one["n"] / most) ** 0.5 for one in filled]},
        error_y=_bars(filled, levels),
        customdata=[exact(one["n"]) for one in filled],
        hovertemplate="sure %{x:.1f} %, right %{y:.1f} % of %{customdata}<extra></extra>",
    )
    figure.update_layout(showlegend=True)
    finish(figure, _HEIGHT_PX)
    low = min([*levels, *(100 * float(one["from"]) for one in filled), 90.0])
    room = [max(0.0, low - 8), 101]
    figure.update_xaxes(ticksuffix=" %", range=room, title={"text": "confidence"})
    figure.update_yaxes(ticksuffix=" %", range=room, title={"text": "right"})
    return figure


def residual(items: Sequence[Row]) -> go.Figure:
    """Draw estimated less realised: a distance that stays is what confidence cannot see.

    Steps whose own labels gave confidence its meaning are grey; there the two agree by force.
    """
    known = [item for item in items if item.get("residual") and item["residual"]["n"] >= LABELS_MIN]
    found = [item["residual"] for item in known]
    levels = [100 * (words.number(one["estimate"]) or 0.0) for one in found]
    figure = go.Figure()
    figure.add_bar(
        x=[item["start"] for item in known],
        y=levels,
        marker={
            "color": [GREY if item.get("in_baseline") else PURPLE for item in known],
            "line": {"width": 0},
        },
        error_y={**_bars(found, levels), "color": _ERROR_INK},
        customdata=[
            f"{exact(one['n'])} labels" + (", calibrates itself" if item["in_baseline"] else "")
            for item, one in zip(known, found, strict=True)
        ],
        hovertemplate="%{y:+.1f} points (%{customdata})<extra></extra>",
    )
    figure.update_layout(showlegend=False, bargap=0.3)
    return finish(figure, _LOW_PX)
