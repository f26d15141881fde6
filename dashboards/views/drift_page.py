"""Drift: every feature over time against its reference, and one of them in full."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import charts, drift_charts, formatters, frame, state
from dashboards import drift_words as words
from dashboards.views import drift_feature, drift_start

if TYPE_CHECKING:
    from dashboards.client import Params
    from dashboards.drift_contract import Heat
    from dashboards.visit import Visit

Row = dict[str, Any]

MISSING = "This service does not watch for drift. Update it: that came with a later version."
_HEAT = "drift_heat"
#: Features of the heat map; a model may have a thousand.
_ROWS_MAX = 30
#: Whether a cell's colour is the lower bound of its interval or its estimate.
_COLOURS = {"": "At least", "estimate": "Estimate"}
_STEPS = {"": "Automatic", "hour": "Hour", "6h": "6 hours", "day": "Day"}


def render(visit: Visit) -> None:
    """Draw the page."""
    line = frame.title(visit, "Drift")
    with frame.readable_errors(MISSING):
        references = visit.drift.references({"tenant": visit.tenant})["items"]
        if not references:
            drift_start.render(visit, line)
            return
        reference, asked, step = _controls(visit, references)
        whole = words.aligned(visit.window, words.STEPS[step], datetime.now(UTC))
        answer = visit.drift.heat({**whole, **asked, "step": step})
        frame.freshness(line, visit, answer)
        if not any(cell["n"] for row in answer["features"] for cell in row["cells"]):
            frame.empty(
                visit,
                "No decision of this model in this window and slice. Widen the window at the left, "
                "or send decisions with answerable.feature.NAME.",
            )
            return
        _heat(answer, asked, step)
        drift_feature.render(visit, answer, asked, step)
        st.caption(formatters.plain(_of(reference)))


def _controls(visit: Visit, references: list[Row]) -> tuple[Row, Params, str]:
    """Draw what the visitor may choose; all of it is in the URL."""
    by_key = {f"{one['tenant']}/{one['id']}": one for one in references}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = {key: label(one) for key, one in by_key.items()}
        reference = by_key[state.option("Reference", "reference", names, width=328)]
        statistic = state.option(
            "Statistic",
            "statistic",
            {name: said for name, (said, _) in words.HEAT.items()},
            width=215,
        )
        chosen = state.option("Cells", "step", _STEPS, width=112)
        dimension, value = _slice(visit, reference)
        colour = state.option("Colour", "colour", _COLOURS, width=110)
        month()
    if colour:
        st.caption("Estimates are above zero by chance alone, the more the fewer decisions.")
    asked = {
        "tenant": reference["tenant"],
        "reference": reference["id"],
        "statistic": statistic,
        "dimension": dimension,
        "value": value,
    }
    return reference, asked, chosen or words.step(visit.window)


def month() -> None:
    """Offer the window that drift is best seen in."""
    st.button(
        "Last 30 days",
        icon=":material/date_range:",
        on_click=state.put,
        kwargs={"window": "30d", "from": "", "to": ""},
    )


def _slice(visit: Visit, reference: Row) -> tuple[str, str]:
    names = {"": "All traffic"} | {
        name: name.removeprefix("feature:").replace("_", " ") for name in reference["dimensions"]
    }
    if len(names) == 1:
        return "", ""
    dimension = state.option("Slice by", "dimension", names, width=125)
    if not dimension:
        return "", ""
    values = _values(visit, reference, dimension)
    value = state.choice("Slice", "value", values, all_label="choose or write", others=True)
    return (dimension, value) if value else ("", "")


def _values(visit: Visit, reference: Row, dimension: str) -> list[str]:
    """List the values a feature had in the reference; those of other dimensions are written."""
    feature = dimension.removeprefix("feature:")
    if feature == dimension:
        return []
    named = {"tenant": reference["tenant"], "reference": reference["id"], "feature": feature}
    found = visit.drift.distribution({**visit.window.params, **named})
    return [cell["label"] for cell in found["cells"]]


def label(reference: Row) -> str:
    """Write a reference as a list shows it."""
    return f"{reference['model']} · {reference['tenant']} · {reference['id']}"


def _of(reference: Row) -> str:
    kind = (reference.get("baseline") or {}).get("kind", "fixed")
    held = formatters.between(reference["from"], reference["to"])
    return f"Reference {reference['id']}, version {reference['version']}, {kind}, edges of {held}"


def _heat(answer: Heat, asked: Params, step: str) -> None:
    part = words.slice_of(asked["dimension"], asked["value"])
    st.subheader(
        f"{words.statistic(answer['statistic'])} by feature",
        anchor=False,
        help="How far each feature at least is from its reference: the lower bound of the 95 % "
        "interval, or the estimate. A cell of fewer than 20 decisions stays empty. Click one to "
        "see more. What is more than chance, over all cells at once, is for monitors to decide.",
    )
    rows = drift_charts.ranked(answer["features"], _ROWS_MAX)
    # A chart keeps what was clicked for as long as its key stays the same.
    key = "/".join([_HEAT, *asked.values(), state.get("feature"), state.get("at")])
    st.plotly_chart(
        drift_charts.heat(
            rows, answer["statistic"], words.STEPS[step], sure=state.get("colour") != "estimate"
        ),
        config=charts.CONFIG,
        key=key,
        on_select=lambda: _open(key),
        selection_mode="points",
        alt=f"{words.statistic(answer['statistic'])} of every feature over time, {part}",
    )
    left_out = len(answer["features"]) - len(rows)
    if left_out:
        st.caption(f"The {len(rows)} that moved most; {left_out:,} others moved less.")


def _open(key: str) -> None:
    points = st.session_state[key]["selection"]["points"]
    if points and points[0].get("customdata"):
        found = points[0]["customdata"]
        # Plotly hands a pair over as a list, or as a mapping by place.
        feature, at = (
            found[place] if isinstance(found, list) else found[str(place)] for place in (0, 1)
        )
        state.put(feature=str(feature), at=str(at))
