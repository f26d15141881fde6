"""Incidents: what alarmed, and whether somebody saw to it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import drift_words as words
from dashboards import formatters, monitor_charts
from dashboards.errors import ApiError
from dashboards.tables import badge
from dashboards.theme import GREY, ORANGE, VERMILLION

if TYPE_CHECKING:
    from dashboards.visit import Visit

Row = dict[str, Any]

_MOST = "10"
_SINCE = "-90d"
_COLOURS = {"open": VERMILLION, "acknowledged": ORANGE}
_STEPS = {"open": ("acknowledge", "close"), "acknowledged": ("close",)}


def render(visit: Visit) -> None:
    """Draw the newest incidents, with what can be done about them; old ones may be open still."""
    st.subheader("Incidents", anchor=False)
    asked = {"tenant": visit.tenant, "from": _SINCE, "limit": _MOST}
    items = visit.drift.incidents(asked)["items"]
    if not items:
        st.caption("No incident in the last 90 days.")
        return
    for one in items:
        _incident(visit, one)


def _incident(visit: Visit, one: Row) -> None:
    stands = str(one["state"])
    left, right = st.columns([4, 1], vertical_alignment="center")
    with left:
        mark = badge(stands, _COLOURS.get(stands, GREY))
        st.html(f'<div class="an-incident">{mark} {escape(told(one))}</div>')
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        for step in _STEPS.get(stands, ()):
            if st.button(step.capitalize(), key=f"{step} {one['tenant']} {one['id']}"):
                _settle(visit, one, step)


def told(one: Row) -> str:
    """Write an incident in one line: when, what, how much, how sure."""
    about = monitor_charts.name(one)
    if one["drifted"] > 1:
        about += f" and {one['drifted'] - 1:,} more"
    said = [
        f"{formatters.minute(one['opened_at'])[:16]} UTC",
        f"{one['model']} of {one['tenant']}: {about}",
    ]
    if words.number(one.get("estimate")) is not None:
        effect = f"{words.statistic(one['statistic'])} {words.figure(one['estimate'])}"
        if words.number(one.get("low")) is not None:
            effect += f" ({words.interval(one['low'], one['high'])})"
        said.append(effect)
    said.append(f"monitor {one['monitor_id']}")
    return " · ".join(said)


def _settle(visit: Visit, one: Row, step: str) -> None:
    try:
        visit.drift.settle(one["id"], step, {"tenant": one["tenant"]})
    except ApiError as error:
        if error.status == 401:
            raise
        st.error(f"**{formatters.plain(error.title)}**\n\n{formatters.plain(error.detail)}")
        return
    st.rerun()
