"""What is left of a budget, over its window: pure functions to Plotly figures."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go  # type: ignore[import-untyped]

from dashboards.cost_charts import finish
from dashboards.formatters import parse_time
from dashboards.money import amount, money
from dashboards.theme import BLUE, GREY, ORANGE, VERMILLION

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEIGHT_PX = 340
_DAY_S = 86_400
#: A rolling window has no end; this far ahead is enough to see where it goes.
_DAYS_AHEAD_MAX = 31

#: A threshold that still allows is a signal to somebody, no more.
SOFT = {"allow": "a signal"}

Points = list[tuple[str, Decimal]]


def burn_down(
    budget: Mapping[str, Any], history: Mapping[str, Any], forecast: Mapping[str, Any] | None
) -> go.Figure:
    """Draw what is left against the window, the even pace, thresholds and what is expected."""
    limit, currency = Decimal(budget["limit"]), budget["currency"]
    figure, window = go.Figure(), budget["state"]["window"]
    now = history["as_of"]
    if window["to"]:
        _line(
            figure, [(window["from"], limit), (window["to"], Decimal(0))], "even pace", GREY, "dot"
        )
    left = remaining(budget, history)
    figure.add_scatter(
        x=[at for at, _ in left],
        y=[float(rest) for _, rest in left],
        name="left",
        mode="lines",
        line={"color": BLUE, "width": 2.5, "shape": "hv"},
        fill="tozeroy",
        fillcolor="rgba(0,114,178,0.12)",
        customdata=[money(rest, currency) for _, rest in left],
        hovertemplate="%{customdata} left<extra></extra>",
    )
    ahead = expected(budget, history, forecast)
    if len(ahead) > 1:
        _line(figure, ahead, "expected", ORANGE, "dash")
    _thresholds(figure, budget, limit)
    _run_out(figure, forecast, now)
    figure.add_hline(y=0, line={"color": VERMILLION, "width": 1.5})
    figure.update_layout(hovermode="x", showlegend=True)
    figure.update_xaxes(
        range=[window["from"], _end(window, ahead, now)], showgrid=False, type="date"
    )
    figure.update_yaxes(ticksuffix=f" {currency}")
    return finish(figure, _HEIGHT_PX)


def remaining(budget: Mapping[str, Any], history: Mapping[str, Any]) -> Points:
    """List what was left at the start of the window, after every slot, and now.

    The last point is the budget's own figure, so chart and tile cannot differ.
    """
    limit, state = Decimal(budget["limit"]), budget["state"]
    points = [(history["window"]["from"], limit)]
    points += [(slot["at"], limit - Decimal(slot["spent"])) for slot in history["series"]]
    points.append((history["as_of"], limit - Decimal(state["spent"])))
    return points


def expected(
    budget: Mapping[str, Any], history: Mapping[str, Any], forecast: Mapping[str, Any] | None
) -> Points:
    """List what is expected to be left, from now on by day, until nothing is or the window ends.

    Of the first day a part is spent already; only the rest of it is to come. Out of a rolling
    window every day gives back what a day at its other end had cost.
    """
    rest = Decimal(budget["limit"]) - Decimal(budget["state"]["spent"])
    points = [(history["as_of"], rest)]
    if forecast is None or forecast["currency"] not in {None, budget["currency"]}:
        return points
    spent = {one["day"]: Decimal(one["cost"]) for one in forecast["history"]}
    end = budget["state"]["window"]["to"]
    rolls_s = budget["window"].get("duration_s", 0)
    if rolls_s % _DAY_S:
        # Costs are known by day, too coarse for such a window.
        return points
    for one in forecast["forecast"][: _DAYS_AHEAD_MAX if rolls_s else None]:
        if one["expected"] is None or rest <= 0 or (end and one["day"] >= end[:10]):
            break
        start = parse_time(f"{one['day']}T00:00:00Z")
        whole = max(Decimal(one["expected"]), spent.get(one["day"], Decimal(0)))
        rest -= whole - spent.get(one["day"], Decimal(0))
        spent[one["day"]] = whole
        if rolls_s:
            rest += spent.get(f"{start - timedelta(seconds=rolls_s):%Y-%m-%d}", Decimal(0))
        over = start + timedelta(days=1)
        points.append((over.isoformat().replace("+00:00", "Z"), rest))
    return points


def _line(figure: go.Figure, points: Points, name: str, colour: str, dash: str) -> None:
    figure.add_scatter(
        x=[at for at, _ in points],
        y=[float(rest) for _, rest in points],
        name=name,
        mode="lines",
        line={"color": colour, "width": 2, "dash": dash},
        customdata=[amount(rest) for _, rest in points],
        hovertemplate=f"{name}: %{{customdata}}<extra></extra>",
    )


def _thresholds(figure: go.Figure, budget: Mapping[str, Any], limit: Decimal) -> None:
    for one in budget["thresholds"]:
        figure.add_hline(
            y=float(limit * (1 - Decimal(one["at"]))),
            line={"color": ORANGE, "width": 1, "dash": "dot"},
            annotation={
                "text": f"{float(one['at']) * 100:g} % used: "
                f"{SOFT.get(one['answer'], one['answer'])}",
                "font": {"size": 11},
            },
            annotation_position="top right",
        )


def _run_out(figure: go.Figure, forecast: Mapping[str, Any] | None, now: str) -> None:
    """Shade the days on which it runs out, with the width the interval gives them."""
    dates = (forecast or {}).get("runs_out") or {}
    if not dates.get("low") or not dates.get("expected") or dates.get("exceeded"):
        return
    last = dates.get("high") or dates["expected"]
    end = parse_time(f"{last}T00:00:00Z") + timedelta(days=1)
    figure.add_vrect(
        x0=max(dates["low"], now[:10]),
        x1=end.isoformat(),
        fillcolor=VERMILLION,
        opacity=0.12,
        line_width=0,
        annotation={"text": "runs out", "font": {"size": 11}},
        annotation_position="bottom right",
    )


def _end(window: Mapping[str, Any], ahead: Points, now: str) -> str:
    return str(window["to"] or max(ahead[-1][0], now))
