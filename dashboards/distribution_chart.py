"""How a feature is spread now, over how it was in its reference; pure functions."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import plotly.graph_objects as go  # type: ignore[import-untyped]

from dashboards import drift_words as words
from dashboards.cost_charts import finish
from dashboards.formatters import exact, shorten
from dashboards.theme import BLUE, GREY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.drift_contract import Cell, Distribution

_HEIGHT_PX = 300
#: Fewer cells are drawn side by side instead of on an axis of numbers.
_FEW = 12
#: Stretches of an axis drawn at most; a reference has up to 250 cells.
_BINS_MAX = 40


def distribution(found: Distribution) -> go.Figure:
    """Draw a feature as it is over what it was: bars for few values, an outline for numbers."""
    inner = [cell for cell in found["cells"] if None not in {cell["from"], cell["to"]}]
    if found["kind"] != "number" or len(inner) <= _FEW:
        return _side_by_side(found)
    return _outlines(found, inner)


def _side_by_side(found: Distribution) -> go.Figure:
    cells = [*found["cells"], *_unknown(found)]
    if found["kind"] != "number":
        cells.sort(key=lambda cell: -(cell["reference"] + cell["current"]))
    cells = cells[:_BINS_MAX]
    figure = go.Figure()
    for side, name, colour, whole in _sides(found):
        figure.add_bar(
            x=list(range(len(cells))),
            y=[100 * cell[side] / whole for cell in cells],
            name=name,
            marker={"color": colour, "line": {"width": 0}},
            customdata=[[escape(cell["label"]), exact(cell[side])] for cell in cells],
            hovertemplate="%{customdata[0]}: %{y:.1f} % (%{customdata[1]})<extra></extra>",
        )
    figure.update_layout(barmode="group", bargap=0.25, showlegend=True)
    finish(figure, _HEIGHT_PX)
    figure.update_yaxes(ticksuffix=" %", rangemode="tozero")
    figure.update_xaxes(
        tickvals=list(range(len(cells))),
        ticktext=[escape(shorten(cell["label"], 22)) for cell in cells],
        showgrid=False,
    )
    return figure


def _unknown(found: Distribution) -> list[Cell]:
    """Give what has no cell one of its own, where there is any."""
    names = {"unseen": "not in the reference", "missing": "missing"}
    return [
        {"label": label, "from": None, "to": None, **found["special"][name]}
        for name, label in names.items()
        if any(found["special"][name].values())
    ]


def _outlines(found: Distribution, inner: list[Cell]) -> go.Figure:
    bins = merged(inner, _BINS_MAX)
    figure = go.Figure()
    for side, name, colour, whole in _sides(found):
        edges = [words.number(one["from"]) or 0.0 for one in bins]
        edges.append(words.number(bins[-1]["to"]) or 0.0)
        heights = [
            100 * one[side] / whole / max(right - left, 1e-300)
            for one, left, right in zip(bins, edges[:-1], edges[1:], strict=True)
        ]
        figure.add_scatter(
            x=edges,
            y=[*heights, heights[-1]],
            name=name,
            mode="lines",
            line={"color": colour, "width": 2, "shape": "hv"},
            fill="tozeroy" if side == "reference" else None,
            customdata=[f"{100 * one[side] / whole:.1f} % of {exact(whole)}" for one in bins],
            hovertemplate="from %{x}: %{customdata}<extra></extra>",
        )
    figure.update_layout(showlegend=True)
    finish(figure, _HEIGHT_PX)
    figure.update_yaxes(rangemode="tozero", title={"text": "% a unit", "font": {"size": 12}})
    return figure


def merged(cells: Sequence[Cell], most: int) -> list[Cell]:
    """Put neighbouring cells together until at most `most` of about equal reference are left.

    Cells without width, such as of a value that stands for itself, go to the next one.
    """
    ordered = sorted(cells, key=lambda cell: words.number(cell["from"]) or 0.0)
    spread = (words.number(ordered[-1]["to"]) or 0.0) - (words.number(ordered[0]["from"]) or 0.0)
    share = max(1.0, sum(cell["reference"] for cell in ordered) / most)
    made: list[Cell] = []
    for cell in ordered:
        wide = made and _width(made[-1]) > 1e-6 * spread
        if made and not (wide and made[-1]["reference"] >= share):
            last = made[-1]
            made[-1] = {
                **last,
                "to": cell["to"],
                "reference": last["reference"] + cell["reference"],
                "current": last["current"] + cell["current"],
            }
        else:
            made.append({**cell})
    return made


def _width(cell: Cell) -> float:
    return (words.number(cell["to"]) or 0.0) - (words.number(cell["from"]) or 0.0)


def _sides(found: Distribution) -> list[tuple[str, str, str, int]]:
    """Name both sides, the past behind: key, name, colour and of how many."""
    return [
        ("reference", "reference", GREY, max(found["n_reference"], 1)),
        ("current", "current", BLUE, max(found["n_current"], 1)),
    ]
