"""Why an invoice differs: the causes as a waterfall that ends at the variance."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go  # type: ignore[import-untyped]

from dashboards.cost_charts import finish
from dashboards.money import change
from dashboards.theme import BLUE, GREEN, GREY, VERMILLION

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEIGHT_PX = 340

#: Causes of a variance by their name in the API: how they read, and what they mean.
CAUSES: dict[str, tuple[str, str]] = {
    "missing_telemetry": ("Missing telemetry", "billed, and no span reported it"),
    "unpriced": ("Unpriced", "reported here without a price"),
    "price": ("Price", "billed at another price than the price book's"),
    "tier": ("Service tier", "billed at another tier, such as batch"),
    "rounding": ("Rounding", "the file's amounts have fewer digits"),
    "double_count": ("Double count", "reported twice under one response id"),
    "not_billed": ("Not billed", "reported here and not in the file"),
    "currency": ("Currency", "priced in a currency without a rate"),
    "other_charges": ("Other charges", "fees, credits and such without a quantity"),
    "unexplained": ("Unexplained", "no reason can be shown"),
}


def causes_of(total: Mapping[str, Any]) -> list[tuple[str, str]]:
    """List causes and their amounts that are not zero, known ones in their order."""
    found: dict[str, Any] = total["causes"]
    names = [*(name for name in CAUSES if name in found), *(n for n in found if n not in CAUSES)]
    return [(name, found[name]["amount"]) for name in names if Decimal(found[name]["amount"])]


def cause(name: str) -> str:
    """Write a cause as it reads; one of a newer service by its name."""
    return CAUSES.get(name, (name, ""))[0]


def waterfall(total: Mapping[str, Any]) -> go.Figure:
    """Draw every cause from zero on; Plotly works the variance out from the steps.

    What was charged and billed would leave no room for the difference, and stands in the tiles.
    """
    currency = total["currency"]
    steps = [
        *((cause(name), amount, "relative") for name, amount in causes_of(total)),
        ("Variance", total["variance"], "total"),
    ]
    figure = go.Figure()
    figure.add_waterfall(
        x=[name for name, _, _ in steps],
        y=[None if kind == "total" else float(amount) for _, amount, kind in steps],
        measure=[kind for _, _, kind in steps],
        text=[change(amount, None) for _, amount, _ in steps],
        textposition="outside",
        cliponaxis=False,
        customdata=[change(amount, currency) for _, amount, _ in steps],
        hovertemplate="%{x}: %{customdata}<extra></extra>",
        connector={"line": {"color": GREY, "width": 1}},
        increasing={"marker": {"color": VERMILLION}},
        decreasing={"marker": {"color": GREEN}},
        totals={"marker": {"color": BLUE}},
    )
    figure.update_layout(showlegend=False, margin={"t": 40})
    figure.update_yaxes(ticksuffix=f" {currency}" if currency else "")
    return finish(figure, _HEIGHT_PX)
