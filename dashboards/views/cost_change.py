"""Why did it change: a change of cost split into effects that add up to it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import charts, cost_charts, formatters, frame, state
from dashboards import money as m
from dashboards.tables import Column, html_table

if TYPE_CHECKING:
    from datetime import datetime

    from dashboards.client import Params
    from dashboards.contract import Interval
    from dashboards.cost_contract import Explanation
    from dashboards.visit import Visit

#: With what a window is compared, and how much earlier that lies; None: right before it.
_BASELINES: dict[str, tuple[str, timedelta | None]] = {
    "before": ("the time right before", None),
    "hour": ("the same an hour earlier", timedelta(hours=1)),
    "day": ("the same a day earlier", timedelta(days=1)),
    "week": ("the same a week earlier", timedelta(weeks=1)),
}
#: Dimensions a change is listed by.
_BY: dict[str, str] = {
    "prompt": "Prompt version",
    "model": "Model",
    "tenant": "Tenant",
    "project": "Project",
    "feature": "Product feature",
    "service": "Service",
    "meter": "Meter",
}
_ITEMS_MAX = "8"
_CAUSE_KEYS = ("change_id", "kind", "title", "reason", "actor")


def render(visit: Visit, asked: Params, window: Interval) -> None:
    """Draw the panel; the window is the page's, what it is compared with can be chosen."""
    st.subheader(
        "Why did it change?",
        anchor=False,
        help="The effects add up to the change to the last digit.",
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        options = {name: label for name, (label, _) in _BASELINES.items()}
        baseline = state.option("Compared with", "baseline", options, width=230)
        by = state.option("Carried by", "why", _BY)
    with frame.part("Why did it change"):
        params = {**asked, "tenant": visit.tenant, "by": by, "limit": _ITEMS_MAX}
        gap = _BASELINES[baseline][1]
        _draw(visit.costs.explanation({**params, **compared(window, gap)}), by)


def compared(window: Interval, gap: timedelta | None) -> Params:
    """Name a window and, as far before it as `gap` says, the one it is compared with."""
    given = {"from": window["from"], "to": window["to"]}
    if gap is None:
        return given
    start, end = (formatters.parse_time(window[side]) - gap for side in ("from", "to"))
    return {**given, "baseline_from": _rfc(start), "baseline_to": _rfc(end)}


def _rfc(when: datetime) -> str:
    return when.isoformat().replace("+00:00", "Z")


def _draw(found: Explanation, by: str) -> None:
    st.caption(_said(found))
    if not cost_charts.effects_of(found["effects"]):
        st.caption("Nothing in it changed.")
        return
    left, right = st.columns([3, 2])
    with left:
        st.plotly_chart(
            cost_charts.split(found),
            config=charts.CONFIG,
            key="split",
            alt="The change of cost as a waterfall of effects",
        )
    with right:
        st.html(html_table(_columns(by, found["currency"]), found["items"]))
        _causes(found["causes"])
    if found["folded"]:
        st.caption(f"Small values of {', '.join(found['folded'])} are taken as one.")


def _said(found: Explanation) -> str:
    currency, each = found["currency"], " a day" if found["per"] == "day" else ""
    before, now = (
        f"{m.money(found[side], currency)}{each} ({m.coverage(found['coverage'][side])})"
        for side in ("baseline", "current")
    )
    windows = [found["baseline_window"], found["window"]]
    first, last = (formatters.between(one["from"], one["to"]) for one in windows)
    moved = m.change(found["delta"], currency)
    return formatters.plain(f"{first}: {before}. {last}: {now}. Change: {moved}{each}.")


def _columns(by: str, currency: str | None) -> tuple[Column, ...]:
    return (
        Column(_BY[by], lambda row: _value(row, by)),
        Column("Change", lambda row: m.change(row["delta"], currency), "num"),
        Column("Mostly", _mostly),
        Column(
            "Coverage",
            lambda row: m.coverage(row["coverage"]["current"]),
            dot=lambda row: m.coverage_colour(row["coverage"]["current"]),
        ),
    )


def _value(row: dict[str, Any], by: str) -> str:
    if row["value"] is None:
        return f"{row['values']} others"
    return str(row["value"]) or f"no {_BY[by].lower()}"


def _mostly(row: dict[str, Any]) -> str:
    """Name the effect that moved a value most, in the direction it moved."""
    sign = -1 if row["delta"].startswith("-") else 1
    effects = {name: sign * Decimal(amount) for name, amount in row["effects"].items()}
    largest = str(max(effects, key=lambda name: effects[name], default=""))
    if effects.get(largest, Decimal(0)) <= 0:
        return formatters.ABSENT
    return cost_charts.EFFECTS.get(largest, largest)


def _causes(causes: list[dict[str, Any]]) -> None:
    if not causes:
        st.caption("No recorded change is matched to it.")
        return
    st.markdown("**Changes recorded at the time**")
    for one in causes:
        said = [str(one[key]) for key in _CAUSE_KEYS if one.get(key)]
        st.markdown(f"- {formatters.plain(' · '.join(said) or str(one))}")
