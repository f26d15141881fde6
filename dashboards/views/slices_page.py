"""Slices: search a window for where a model does worst, and what was found before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import charts, drift_scope, formatters, frame, slice_charts, state
from dashboards import drift_words as words
from dashboards.errors import ApiError
from dashboards.tables import Column, Tile, html_table, tiles
from dashboards.theme import BLUE, GREY, ORANGE, VERMILLION
from dashboards.views import drift_page

if TYPE_CHECKING:
    from dashboards.drift_contract import SliceSearch
    from dashboards.visit import Visit

Row = dict[str, Any]

#: What a search looks for: how it reads, and what its level is.
TARGETS: dict[str, tuple[str, str]] = {
    "low_confidence": ("Low confidence", "mean doubt"),
    "error": ("Errors, by labels", "share of errors"),
    "drift": ("Drift from the reference", "share of them that is new"),
}
_LEVELS = {"2": "2 conditions", "3": "3 conditions", "1": "1 condition"}
_NUMBERS = {"10": "10 slices", "5": "5 slices", "20": "20 slices"}
_SEARCHES_MAX = "50"
_EMPTY = (
    "No search yet. A search goes through every combination of values, exactly, and checks what it "
    "found on decisions it did not look at. Start one above, or by `answerable slices find`."
)


def render(visit: Visit) -> None:
    """Draw the page."""
    line = frame.title(visit, "Slices")
    with frame.readable_errors(drift_page.MISSING):
        items = drift_scope.models(visit)
        if not items:
            drift_scope.nothing(visit)
            return
        model = _search(visit, items)
        asked = {"tenant": model["tenant"], "model": model["model"], "limit": _SEARCHES_MAX}
        answer = visit.drift.slice_searches(asked)
        frame.note(line, f"Each search in its own window · {frame.as_of(answer['as_of'])}")
        searches: list[Row] = answer["items"]
        if not searches and not state.get("search"):
            frame.empty(visit, _EMPTY)
            return
        chosen = _chosen(searches)
        _found(visit.drift.slice_search(chosen, {"tenant": model["tenant"]}))


def _search(visit: Visit, items: list[Row]) -> Row:
    """Draw what to search for, and search when told to."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        model = drift_scope.pick(items)
        targets = {name: label for name, (label, _) in TARGETS.items()}
        target = state.option("Look for", "target", targets, width=210)
        level = state.option("At most", "level", _LEVELS, width=140)
        most = state.option("Keep", "k", _NUMBERS, width=120)
        drift_page.month()
        lacking = target == "drift" and not model["references"]
        started = st.button(
            "Find slices", type="primary", icon=":material/search:", disabled=lacking
        )
    if lacking:
        st.caption("Drift needs a reference: make one on the Drift page.")
    if started:
        params = visit.window.params
        search = {
            "tenant": model["tenant"],
            "model": model["model"],
            "from": params["from"],
            "to": params.get("to", "now"),
            "target": target,
            "level_max": int(level),
            "k": int(most),
        }
        if target == "drift":
            search["reference"] = model["references"][0]
        _start(visit, search)
    return model


def _start(visit: Visit, search: Row) -> None:
    try:
        with st.spinner("Searching every combination …"):
            found = visit.drift.find_slices(search)
    except ApiError as error:
        if error.status == 401:
            raise
        st.error(f"**{formatters.plain(error.title)}**\n\n{formatters.plain(error.detail)}")
        return
    state.put(search=found["id"])
    st.rerun()


def _chosen(searches: list[Row]) -> str:
    names = {one["id"]: _label(one) for one in searches}
    wanted = state.get("search")
    if wanted and wanted not in names:
        # A link may name a search older than the list.
        names[wanted] = wanted
    return state.option("Search", "search", names, width=760)


def _label(search: Row) -> str:
    seen = formatters.between(search["window"]["from"], search["window"]["to"])
    target = TARGETS.get(search["target"], (search["target"], ""))[0]
    return f"{formatters.minute(search['created_at'])} · {target} · {seen}"


def _found(search: SliceSearch) -> None:
    said = TARGETS.get(search["target"], ("", "level"))[1]
    base = words.number(search["base"])
    items = search["items"]
    st.html(tiles(_tiles(search, said)))
    if not items:
        reason = search["reason"] or "No slice is worse than the whole and large enough."
        st.info(formatters.plain(reason), icon=":material/check:")
        return
    st.plotly_chart(
        slice_charts.found(items, base, said),
        config=charts.CONFIG,
        key="slices_found",
        alt="Slices by their size and level, against the whole window",
    )
    rows = [{**one, "place": place} for place, one in enumerate(items, 1)]
    st.html(html_table(_columns(base), rows))
    st.caption(
        f"Searched in {formatters.exact(search['rows_searched'])} decisions, tested on "
        f"{formatters.exact(search['rows_held_out'])} others "
        f"({formatters.plain(search['read_because'])}); q is after correction for all slices of "
        "the answer. Score weighs how much worse a slice is against how large it is; doubt is "
        "1 less confidence."
    )
    if not search["complete"]:
        st.warning("The search stopped at its limit: there may be better slices.")


def _tiles(search: SliceSearch, said: str) -> list[Tile]:
    sure = f"{search['confirmed']} confirmed"
    return [
        Tile("Slices", str(len(search["items"])), sure, VERMILLION),
        Tile("Whole window", words.figure(search["base"]), said, ORANGE),
        Tile("Decisions", formatters.count(search["rows"]), "in the window", BLUE),
        Tile(
            "Evaluated",
            formatters.count(search["evaluated"]),
            f"{formatters.count(search['pruned'])} ruled out by bounds",
            GREY,
        ),
        Tile(
            "Took",
            formatters.duration(round(float(search["seconds"]) * 1e9)),
            f"on {search['engine']}",
            GREY,
        ),
    ]


def _columns(base: float | None) -> tuple[Column, ...]:
    return (
        Column("#", lambda row: str(row["place"]), "num"),
        Column("Slice", slice_charts.conditions),
        Column("Size", lambda row: formatters.exact(row["size"]), "num"),
        Column("Share", lambda row: words.percent(row["share"]), "num"),
        Column("Level", lambda row: words.figure(row["mean"]), "num"),
        Column("Against all", lambda row: times(row["mean"], base), "num"),
        Column("Score", lambda row: words.figure(row["score"]), "num"),
        Column("Held out", held_out, "num"),
        Column("q", lambda row: words.probability(row["q_value"]), "num"),
        Column(
            "Test",
            lambda row: "confirmed" if row["confirmed"] else "not confirmed",
            dot=lambda row: VERMILLION if row["confirmed"] else GREY,
        ),
    )


def held_out(row: Row) -> str:
    """Write the level of the held-out rows in the slice against those outside."""
    if row["holdout_mean"] is None:
        return formatters.ABSENT
    return f"{words.figure(row['holdout_mean'])} / {words.figure(row['holdout_rest_mean'])}"


def times(level: Any, base: float | None) -> str:
    """Write how many times the whole window's level a slice has."""
    read = words.number(level)
    return f"x {read / base:.2f}" if read is not None and base else formatters.ABSENT
