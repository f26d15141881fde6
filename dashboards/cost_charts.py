"""Charts of money: pure functions from answers of the API to Plotly figures.

Bars and areas are drawn from floats; every text beside them is written from the decimal.
"""

from __future__ import annotations

from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go  # type: ignore[import-untyped]

from dashboards.cost_dimensions import label, levels
from dashboards.formatters import shorten
from dashboards.money import change, coverage, covered, money
from dashboards.theme import BLUE, DARK, GREEN, GREY, SERVICE_COLOURS, VERMILLION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboards.cost_contract import Explanation
    from dashboards.cost_dimensions import Row, Series

_LABEL_CHARS = 34
_TREND_PX = 320
_TREE_PX = 360
_SPLIT_PX = 340
#: From this brightness of 255 on dark text reads better than white.
_BRIGHT = 125

#: Effects of a change by their name in the API, in the order of the waterfall.
EFFECTS: dict[str, str] = {
    "volume": "Volume",
    "mix": "Mix",
    "tokens_per_call": "Tokens per call",
    "cache_share": "Cache share",
    "retries": "Retries",
    "other_meters": "Other meters",
    "price": "Price",
    "currency": "Exchange rate",
    "coverage": "Newly (un)priced",
    "adjustments": "Adjustments",
}


def trend(layers: Sequence[Series], currency: str, step: str) -> go.Figure:
    """Draw money by time as stacked bars, a colour a layer; below zero where it was taken back."""
    figure = go.Figure()
    for place, layer in enumerate(layers):
        figure.add_bar(
            x=[_moment(at, step) for at in layer.times],
            y=[float(cost) for cost in layer.costs],
            name=escape(shorten(layer.name, _LABEL_CHARS)),
            marker={"color": SERVICE_COLOURS[place % len(SERVICE_COLOURS)], "line": {"width": 0}},
            customdata=[
                f"{escape(layer.name)}: {money(cost, currency)} ({coverage(share)})"
                for cost, share in zip(layer.costs, layer.coverages, strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    figure.update_layout(barmode="relative", hovermode="x unified", showlegend=True, bargap=0.25)
    # One bar alone would be as wide as the chart.
    alone = len({at for layer in layers for at in layer.times}) == 1
    figure.update_xaxes(type="category" if alone else "date", showgrid=False)
    if alone:
        figure.update_layout(bargap=0.85)
    figure.update_yaxes(ticksuffix=f" {currency}", rangemode="tozero")
    return finish(figure, _TREND_PX)


def treemap(rows: Sequence[Row], tree: str, currency: str) -> go.Figure:
    """Draw money as nested areas; what is not above zero has no area."""
    nodes = _nodes([row for row in rows if Decimal(row["cost"] or 0) > 0], levels(tree))
    first = [path for path in nodes if len(path) == 1]
    colours = {
        path[0]: SERVICE_COLOURS[place % len(SERVICE_COLOURS)]
        for place, path in enumerate(sorted(first, key=lambda path: -nodes[path][0]))
    }
    figure = go.Figure()
    figure.add_treemap(
        ids=["\x1f".join(path) for path in nodes],
        parents=["\x1f".join(path[:-1]) for path in nodes],
        labels=[escape(shorten(path[-1], _LABEL_CHARS)) for path in nodes],
        values=[float(cost) for cost, _ in nodes.values()],
        branchvalues="total",
        text=[money(cost, currency) for cost, _ in nodes.values()],
        customdata=[
            f"{escape(' / '.join(path))}<br>{money(cost, currency)}, {coverage(covered(held))}"
            for path, (cost, held) in nodes.items()
        ],
        texttemplate="%{label}<br>%{text}",
        hovertemplate="%{customdata}<br>%{percentParent:.1%} of its parent<extra></extra>",
        marker={
            "colors": [colours[path[0]] for path in nodes],
            "cornerradius": 3,
            "pad": {"t": 22},
        },
        textfont={"color": [_ink(colours[path[0]]) for path in nodes]},
        tiling={"pad": 2},
    )
    return finish(figure, _TREE_PX)


def split(explanation: Explanation) -> go.Figure:
    """Draw a change as a waterfall from the baseline to now; its steps add up to the change."""
    currency = explanation["currency"]
    moved = [(name, explanation["effects"][name]) for name in effects_of(explanation["effects"])]
    steps = [
        ("Before", explanation["baseline"], "absolute"),
        *((EFFECTS.get(name, name), amount, "relative") for name, amount in moved),
        ("Now", explanation["current"], "total"),
    ]
    figure = go.Figure()
    figure.add_waterfall(
        x=[name for name, _, _ in steps],
        # Plotly works a total out itself, from the steps: so it shows whether they add up.
        y=[None if kind == "total" else float(amount) for _, amount, kind in steps],
        measure=[kind for _, _, kind in steps],
        text=[
            change(amount, None) if kind == "relative" else money(amount, None)
            for _, amount, kind in steps
        ],
        textposition="outside",
        cliponaxis=False,
        customdata=[money(amount, currency) for _, amount, _ in steps],
        hovertemplate="%{x}: %{customdata}<extra></extra>",
        connector={"line": {"color": GREY, "width": 1}},
        increasing={"marker": {"color": VERMILLION}},
        decreasing={"marker": {"color": GREEN}},
        totals={"marker": {"color": BLUE}},
    )
    figure.update_layout(showlegend=False, margin={"t": 40})
    figure.update_yaxes(ticksuffix=f" {currency}" if currency else "")
    return finish(figure, _SPLIT_PX)


def effects_of(effects: Mapping[str, str]) -> list[str]:
    """Name the effects that are not zero, known ones in their order and then any other."""
    known = [name for name in EFFECTS if name in effects]
    beyond = [name for name in effects if name not in EFFECTS]
    return [name for name in (*known, *beyond) if Decimal(effects[name])]


def finish(figure: go.Figure, height: int) -> go.Figure:
    """Set what all charts of money have alike."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 28, "b": 8, **_given_margin(figure)},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "title": None},
    )
    figure.update_xaxes(title=None, automargin=True)
    figure.update_yaxes(title=None, automargin=True, tickformat="~g")
    return figure


def _given_margin(figure: go.Figure) -> dict[str, Any]:
    top = figure.layout.margin.t
    return {} if top is None else {"t": top}


def _ink(colour: str) -> str:
    """Choose a text colour that can be read on a colour."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return DARK if 0.3 * red + 0.59 * green + 0.11 * blue > _BRIGHT else "#FFFFFF"


def _moment(at: str, step: str) -> str:
    return f"{at}-01" if step == "month" else at


def _nodes(
    rows: Sequence[Row], dimensions: tuple[str, ...]
) -> dict[tuple[str, ...], tuple[Decimal, list[Row]]]:
    """Add rows up at every level, outermost first."""
    found: dict[tuple[str, ...], tuple[Decimal, list[Row]]] = {}
    for row in rows:
        path = tuple(label(row, name) for name in dimensions)
        for depth in range(1, len(path) + 1):
            cost, held = found.get(path[:depth], (Decimal(0), []))
            held.append(row)
            found[path[:depth]] = (cost + Decimal(row["cost"]), held)
    return found
