"""What a dry run says: how often a monitor would have alarmed, and how often without cause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import charts, formatters, monitor_charts
from dashboards import drift_words as words
from dashboards.tables import Column, Tile, html_table, tiles
from dashboards.theme import BLUE, GREEN, ORANGE, VERMILLION

if TYPE_CHECKING:
    from dashboards.drift_contract import DryRun

Row = dict[str, Any]

_SHOWN_MAX = 20

_COLUMNS = (
    Column("Window from (UTC)", lambda row: formatters.minute(row["start"])[:16], "dim"),
    Column("About", monitor_charts.name),
    Column("Statistic", lambda row: words.statistic(row["statistic"])),
    Column("Estimate", lambda row: words.figure(row["estimate"]), "num"),
    Column("q", lambda row: words.probability(row["q_value"]), "num"),
    Column(
        "State",
        lambda row: monitor_charts.said(row["state"]),
        dot=lambda row: monitor_charts.colour(row["state"]),
    ),
)


def render(found: DryRun) -> None:
    """Draw the outcome of a dry run."""
    st.markdown("**Dry run**")
    st.html(tiles(_tiles(found)))
    if found["by_window"]:
        st.plotly_chart(
            monitor_charts.strip(found["by_window"]),
            config=charts.CONFIG,
            key="monitor_strip",
            alt="Every window of the past by what the monitor would have said",
        )
    _suggestion(found.get("suggested_tolerance"))
    rows = found["would_alarm"]
    if rows:
        st.html(html_table(_COLUMNS, rows[:_SHOWN_MAX]))
        if len(rows) > _SHOWN_MAX:
            st.caption(f"The first {_SHOWN_MAX} of {len(rows):,}.")
    else:
        st.caption("It would not have alarmed.")


def _suggestion(found: Row | None) -> None:
    """Show which tolerance keeps the reference quiet, to be copied into the YAML."""
    if found is None:
        return
    st.caption(formatters.plain(suggested(found)))
    if found["tolerance"] is not None:
        left, right = st.columns(2)
        left.code(f"tolerance: {found['tolerance']:g}", language="yaml")
        right.code("tolerance: reference", language="yaml")


def suggested(found: Row) -> str:
    """Write how far windows of the reference lie apart, and how far to trust that."""
    level = found["suspicions"]
    trust = (
        f"of windows without drift at most {words.percent(level['expected'])} are then suspected "
        f"(at 95 % confidence {words.percent(level['high'])}), by {found['windows']:,} windows of "
        "the reference"
    )
    if found["tolerance"] is None:
        said = f"The reference needs no tolerance: {trust}."
    else:
        said = (
            f"Windows of the reference lie up to {words.figure(found['tolerance'])} apart. One "
            f"number for everything, or for each feature its own: {trust}."
        )
    if not found["enough"]:
        said += (
            f" That is few: it takes {found['windows_needed']:,} to tell the accepted share, so "
            "lengthen the reference or shorten the window."
        )
    return said


def _tiles(found: DryRun) -> list[Tile]:
    rate = found["false_alarm_rate"]
    alarms = found["alarms"]
    return [
        Tile("Alarms", formatters.exact(alarms), often(alarms, found["judged"]), VERMILLION),
        Tile(
            "Windows",
            formatters.exact(found["judged"]),
            f"judged, of {formatters.exact(found['windows'])}",
            BLUE,
        ),
        Tile(
            "False alarms, stated",
            words.percent(rate.get("stated")),
            "of windows, at most",
            GREEN,
        ),
        Tile(
            "False alarms, on the reference",
            words.percent(rate.get("on_reference")),
            words.band({"low": rate.get("low"), "high": rate.get("high")}),
            ORANGE,
        ),
    ]


def often(alarms: int, judged: int) -> str:
    """Write how often that is."""
    if not alarms:
        return "none in this window"
    return f"one in {judged / alarms:,.1f} windows"
