"""Model health: how sure a model is, how right it should be and was, and how many labels say so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import charts, drift_scope, formatters, frame, health_charts, state
from dashboards import drift_words as words
from dashboards.tables import Tile, tiles
from dashboards.theme import BLUE, GREEN, GREY, ORANGE, PURPLE
from dashboards.views import drift_page

if TYPE_CHECKING:
    from dashboards.client import Params
    from dashboards.drift_contract import Calibration, Performance
    from dashboards.visit import Visit

Row = dict[str, Any]

_STEPS = {"": "Automatic", "hour": "Hour", "6h": "6 hours", "day": "Day"}
_NO_CONFIDENCE = (
    "This model's decisions carry no confidence in this window. Send answerable.confidence, the "
    "probability that the outcome is right, and labels by POST /v1/labels once they are known."
)


def render(visit: Visit) -> None:
    """Draw the page."""
    line = frame.title(visit, "Model health")
    with frame.readable_errors(drift_page.MISSING):
        items = drift_scope.models(visit)
        if not items:
            drift_scope.nothing(visit)
            return
        measure, asked = _controls(visit, items)
        answer = visit.drift.performance(asked)
        frame.freshness(line, visit, answer)
        rows = answer["items"]
        if all(health_charts.sureness(row) is None for row in rows):
            frame.empty(visit, _NO_CONFIDENCE)
            return
        calibration: Calibration | None = None
        with frame.part("Calibration"):
            whole = {
                name: text for name, text in asked.items() if name not in {"step", "reference"}
            }
            calibration = visit.drift.calibration(whole)
        _parted(answer["concept_drift"])
        st.html(tiles(_tiles(rows, measure, calibration)))
        _performance(answer, measure)
        _below(rows, calibration)
        st.caption(formatters.plain(_meaning(answer["calibration"])))
        if answer["calibration"]["method"] != "none":
            st.caption(formatters.plain(_resemblance(rows)))


def _controls(visit: Visit, items: list[Row]) -> tuple[str, Params]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        model = drift_scope.pick(items)
        measure = state.option("Measure", "measure", health_charts.MEASURES, width=130)
        step = state.option("Points", "step", _STEPS, width=130)
        calibrating = {name: name for name in model["references"]} | {"": "the days before"}
        reference = state.option("Calibrated on", "calibrated", calibrating)
        drift_page.month()
    asked = visit.params(model=model["model"], step=step or words.step(visit.window))
    asked["tenant"] = model["tenant"]
    asked["reference"] = reference
    return measure, asked


def _parted(found: Row) -> None:
    """Say whether estimates and labels have parted: what inputs mean has changed."""
    if found["alarm"]:
        since = formatters.minute(found["start"])[:16]
        st.warning(
            f"Labels differ from what confidence lets expect since {since} UTC, by more than "
            f"chance and {words.percent(found['tolerance'])}. What the inputs mean has changed.",
            icon=":material/call_split:",
        )


def _meaning(used: Row) -> str:
    """Say what gives confidence its meaning."""
    if used["method"] == "none":
        return f"Confidence is taken as it is: {used['assumption']}"
    of = f"reference {used['reference']}, " if used["reference"] else ""
    held = formatters.between(used["from"], used["to"])
    return f"Calibrated on {formatters.exact(used['n'])} labels of {of}{held}. {used['assumption']}"


def _resemblance(rows: list[Row]) -> str:
    """Say for how many steps the baseline was weighted, and why not for the last without."""
    told = [row["estimated"]["weighing"] for row in rows if row["estimated"]]
    weighted = [one for one in told if one["method"] == "weighted"]
    said = (
        f"Labels were weighted by how much their decisions resemble those of {len(weighted)} of "
        f"{len(told)} points"
    )
    if weighted:
        said += f", the last as {formatters.exact(round(weighted[-1]['effective']))} equal ones"
    reasons = [one["reason"] for one in told if one["reason"]]
    return f"{said}. Without weights: {reasons[-1]}." if reasons else f"{said}."


def _tiles(rows: list[Row], measure: str, calibration: Calibration | None) -> list[Tile]:
    decided = sum(row["n"] for row in rows)
    labelled = sum((row.get("realised") or {}).get("n") or 0 for row in rows)
    sure = next(row for row in reversed(rows) if health_charts.sureness(row) is not None)
    name = health_charts.MEASURES[measure].lower()
    made = [
        Tile(
            "Confidence, last",
            f"{health_charts.sureness(sure):.3f}",
            f"{formatters.exact(sure['n'])} decisions, {formatters.minute(sure['start'])[5:16]}",
            PURPLE,
        ),
        _last(rows, "estimated", measure, f"Estimated {name}, last", BLUE),
        _last(rows, "realised", measure, f"Realised {name}, last", ORANGE),
        Tile(
            "Decisions with a label",
            formatters.share(labelled, decided),
            f"{formatters.exact(labelled)} of {formatters.exact(decided)}",
            GREEN,
        ),
    ]
    ece = calibration["ece"] if calibration else None
    off = words.percent(ece["estimate"]) if isinstance(ece, dict) else "unknown"
    note = words.band(ece) if isinstance(ece, dict) else "needs labels"
    made.append(Tile("Calibration error", off, note, GREY))
    return made


def _last(rows: list[Row], side: str, measure: str, label: str, colour: str) -> Tile:
    for row in reversed(rows):
        found = health_charts.measured(row, side, measure)
        if found:
            return Tile(label, words.percent(found["estimate"]), words.band(found), colour)
    reason = "needs labels" if side == "realised" else "needs a reference with labels"
    return Tile(label, "unknown", reason, colour)


def _performance(answer: Performance, measure: str) -> None:
    st.subheader(
        f"{health_charts.MEASURES[measure]}: estimated and realised",
        anchor=False,
        help="The estimate needs no label: it follows from confidence, calibrated on what labels "
        "said before. Labels that come later show how right it was.",
    )
    st.plotly_chart(
        health_charts.performance(answer["items"], measure),
        config=charts.CONFIG,
        key="health_performance",
        alt="Estimated performance with its interval, and realised performance with error bars",
    )


def _below(rows: list[Row], calibration: Calibration | None) -> None:
    left, right = st.columns(2)
    with left:
        st.markdown("**Confidence**")
        st.plotly_chart(
            health_charts.confidence(rows),
            config=charts.CONFIG,
            key="health_confidence",
            alt="Mean confidence over time",
        )
        st.markdown("**Labels**")
        st.plotly_chart(
            health_charts.coverage(rows),
            config=charts.CONFIG,
            key="health_labels",
            alt="Decisions over time, and those of them with a label",
        )
    with right:
        st.markdown("**Calibration**")
        if calibration and calibration["n"]:
            st.plotly_chart(
                health_charts.calibration(calibration["bins"]),
                config=charts.CONFIG,
                key="health_calibration",
                alt="Share of right decisions by confidence, with intervals",
            )
            st.caption(f"Of {calibration['n']:,} labelled decisions; bars are 95 % intervals.")
        else:
            st.caption("No label yet. Send them by POST /v1/labels or `answerable labels import`.")
        st.markdown("**Estimated less realised, in points**")
        st.plotly_chart(
            health_charts.residual(rows),
            config=charts.CONFIG,
            key="health_residual",
            alt="Estimated less realised performance over time",
        )
        st.caption(
            "A distance that stays is a change that confidence does not see; grey where a step's "
            f"own labels calibrate it. Steps of fewer than {health_charts.LABELS_MIN} labels are "
            "left out."
        )
