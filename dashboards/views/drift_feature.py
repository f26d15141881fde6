"""One feature in full: how it moved, how it is spread now and was before, how sure that is."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import charts, distribution_chart, drift_charts, formatters, frame, state
from dashboards import drift_words as words
from dashboards.tables import Column, html_table

if TYPE_CHECKING:
    from dashboards.client import Params
    from dashboards.contract import Interval
    from dashboards.drift_contract import Distribution, Heat, HeatRow
    from dashboards.visit import Visit

Row = dict[str, Any]

#: In place of a cell in the URL.
_WHOLE = "all"

#: Codes of values that have no cell: what each means.
SPECIAL: dict[str, str] = {
    "missing": "decisions without it",
    "unseen": "texts the reference does not know",
    "wrong_kind": "text where numbers were, or the other way round",
    "nan": "not a number",
}

_RESULT_COLUMNS = (
    Column("Statistic", lambda row: words.statistic(row["statistic"])),
    Column("Estimate", lambda row: words.figure(row["estimate"]), "num"),
    Column("Interval", lambda row: words.interval(row["low"], row["high"], row["level"]), "num"),
    Column("p", lambda row: words.probability(row["p_value"]), "num"),
)
_SPECIAL_COLUMNS = (
    Column("Outside the cells", lambda row: row["name"]),
    Column("Reference", lambda row: row["reference"], "num"),
    Column("Current", lambda row: row["current"], "num"),
)


def render(visit: Visit, heat: Heat, asked: Params, step: str) -> None:
    """Draw the feature and cell the URL names, else those in which most moved."""
    rows = {row["feature"]: row for row in drift_charts.ranked(heat["features"], 10**6)}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = {name: words.feature(name) for name in rows}
        feature = state.option("Feature", "feature", names, width=260)
        at = state.get("at")
        chosen = at if at in {*heat["starts"], _WHOLE} else drift_charts.strongest(rows[feature])
        if chosen not in {_WHOLE, ""}:
            st.button(
                "The whole window",
                icon=":material/zoom_out_map:",
                on_click=state.put,
                kwargs={"at": _WHOLE},
            )
    window = cell_window(heat["window"], heat["starts"], chosen, step)
    with frame.part("Distribution"):
        params = {name: text for name, text in asked.items() if name != "statistic"}
        found = visit.drift.distribution({**params, **window, "feature": feature})
        _draw(found, rows[feature], heat, asked)


def cell_window(whole: Interval, starts: list[str], at: str, step: str) -> Params:
    """Give the window of one cell, or the whole one where none was clicked."""
    if at not in starts:
        return {"from": whole["from"], "to": whole["to"]}
    following = [one for one in starts if one > at]
    if following:
        return {"from": at, "to": following[0]}
    end = formatters.parse_time(at) + timedelta(hours=words.STEPS[step])
    return {"from": at, "to": end.isoformat().replace("+00:00", "Z")}


def _draw(found: Distribution, row: HeatRow, heat: Heat, asked: Params) -> None:
    part = words.slice_of(asked["dimension"], asked["value"])
    seen = formatters.between(found["window"]["from"], found["window"]["to"])
    st.subheader(formatters.plain(words.feature(found["feature"])), anchor=False)
    st.caption(
        formatters.plain(
            f"{part} · {formatters.exact(found['n_current'])} decisions of {seen} against "
            f"{formatters.exact(found['n_reference'])} of the reference"
        )
    )
    left, right = st.columns([3, 2])
    with left:
        st.plotly_chart(
            distribution_chart.distribution(found),
            config=charts.CONFIG,
            key="drift_distribution",
            alt="How the feature is spread now, over how it was in the reference",
        )
        st.markdown(f"**{formatters.plain(words.statistic(heat['statistic']))} over time**")
        st.plotly_chart(
            drift_charts.over_time(row, heat["statistic"]),
            config=charts.CONFIG,
            key="drift_over_time",
            alt="The statistic over time with its interval",
        )
    with right:
        st.html(html_table(_RESULT_COLUMNS, found["results"]))
        st.caption(
            "Intervals are at 95 %; with * they are certain bounds. p is of this feature alone, "
            "before any correction."
        )
        rows = special(found)
        if rows:
            st.html(html_table(_SPECIAL_COLUMNS, rows))
        _how(found)


def special(found: Distribution) -> list[Row]:
    """List what lies outside the cells, with its share of either side, where there is any."""
    sides = {
        **{SPECIAL.get(name, name): counts for name, counts in found["special"].items()},
        **_beyond(found),
    }
    wholes = {"reference": found["n_reference"], "current": found["n_current"]}
    return [
        {"name": name}
        | {side: formatters.share(counts[side], whole) for side, whole in wholes.items()}
        for name, counts in sides.items()
        if any(counts.values())
    ]


def _beyond(found: Distribution) -> Row:
    """Take the two outermost cells of a number, which hold what the reference never reached."""
    if found["kind"] != "number":
        return {}
    made: Row = {}
    for side, name in (("from", "below the reference"), ("to", "above the reference")):
        for cell in found["cells"]:
            if cell[side] is None:
                made[name] = {"reference": cell["reference"], "current": cell["current"]}
    return made


def _how(found: Distribution) -> None:
    with st.expander("How it was computed"):
        for one in found["results"]:
            method = ", ".join(
                f"{name.replace('_', ' ')} {formatters.value(text)}"
                for name, text in (one.get("method") or {}).items()
            )
            counted = (
                f"{formatters.exact(one['n_reference'])} and {formatters.exact(one['n_current'])} "
                "observations"
            )
            said = f"{words.statistic(one['statistic'])}: {counted}; {method or 'no options'}"
            st.caption(formatters.plain(said))
        for one in found["left_out"]:
            said = f"{words.statistic(one['statistic'])}: none, {one['reason']}"
            st.caption(formatters.plain(said))
