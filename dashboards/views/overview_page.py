"""Overview: how much arrives, what decides, what fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import charts, formatters, frame
from dashboards.tables import Column, Tile, html_table, tiles
from dashboards.theme import GREY, ROUTE_COLOURS, SERIES_COLOURS

if TYPE_CHECKING:
    from dashboards.contract import Overview
    from dashboards.visit import Visit

#: The API lists no more services than this.
_SERVICES_MAX = 100

_SERVICE_COLUMNS = (
    Column("Service", lambda row: row["service"] or "no service.name"),
    Column("Spans", lambda row: formatters.exact(row["spans"]), "num"),
    Column("Errors", lambda row: formatters.exact(row["errors"]), "num"),
    Column("Error share", lambda row: formatters.share(row["errors"], row["spans"]), "num"),
    Column("p95", lambda row: formatters.duration(row["p95_ns"]), "num"),
)
_MODEL_COLUMNS = (
    Column("Model", lambda row: row["model"] or "not recorded"),
    Column("Provider", lambda row: row["provider"] or formatters.ABSENT),
    Column("Requests", lambda row: formatters.exact(row["requests"]), "num"),
    Column("Tokens", lambda row: formatters.count(row["tokens"]), "num"),
)
_ROUTE_COLUMNS = (
    Column(
        "Route",
        lambda row: row["route"] or "not recorded",
        dot=lambda row: ROUTE_COLOURS.get(row["route"], GREY),
    ),
    Column("Decisions", lambda row: formatters.exact(row["decisions"]), "num"),
    Column("Share", lambda row: row["share"], "num"),
    Column("Mean confidence", lambda row: formatters.confidence(row["confidence"]), "num"),
)


def render(visit: Visit) -> None:
    """Draw the page."""
    line = frame.title(visit, "Overview")
    with frame.readable_errors():
        answer = visit.api.overview(visit.params())
        frame.freshness(line, visit, answer)
        if not any(answer["totals"].values()):
            frame.empty(
                visit,
                "Nothing arrived in this window. Send spans, logs or metrics by OTLP, "
                "or widen the window.",
                with_snippets=True,
            )
            return
        st.html(tiles(_tiles(answer)))
        _links(visit, answer)
        _series(answer)
        _breakdowns(answer)


def _tiles(answer: Overview) -> list[Tile]:
    totals = answer["totals"]
    count, exact = formatters.count, formatters.exact
    tokens_in, tokens_out = totals["tokens_input"], totals["tokens_output"]
    colours = SERIES_COLOURS
    shown = len(answer["services"])
    return [
        Tile("Spans", count(totals["spans"]), "in traces", colours["spans"]),
        Tile(
            "Decisions",
            count(totals["decisions"]),
            f"confidence {formatters.confidence(answer['decisions']['mean_confidence'])}",
            colours["decisions"],
        ),
        Tile(
            "Error share",
            formatters.share(totals["errors"], totals["spans"]),
            f"{exact(totals['errors'])} spans failed",
            colours["errors"],
        ),
        Tile(
            "Tokens",
            count(tokens_in + tokens_out),
            f"{count(tokens_in)} in, {count(tokens_out)} out",
            colours["tokens"],
        ),
        Tile("Logs", count(totals["logs"]), f"{count(totals['metric_points'])} metric points"),
        Tile("Services", f"{shown}+" if shown >= _SERVICES_MAX else str(shown), "seen"),
    ]


def _links(visit: Visit, answer: Overview) -> None:
    links: list[tuple[str, str, str, dict[str, str]]] = [
        ("traces", "All traces", ":material/account_tree:", {}),
        ("decisions", "All decisions", ":material/rule:", {}),
    ]
    if answer["totals"]["errors"]:
        links.insert(1, ("traces", "Traces with errors", ":material/error:", {"errors": "true"}))
    with st.container(horizontal=True):
        for page, label, icon, more in links:
            st.page_link(visit.pages[page], label=label, icon=icon, query_params=visit.link(**more))


def _series(answer: Overview) -> None:
    series = answer["series"]
    if not series:
        return
    left, right = st.columns([3, 2])
    every = formatters.duration(answer["bucket_s"] * 1_000_000_000)
    with left:
        st.subheader("Spans and decisions", anchor=False, help=f"One bar is {every}.")
        figure = charts.activity(series, answer["bucket_s"])
        st.plotly_chart(figure, config=charts.CONFIG, key="activity", alt="Spans over time")
    with right:
        st.subheader("Tokens", anchor=False, help=f"One point is {every}.")
        st.plotly_chart(
            charts.tokens(series), config=charts.CONFIG, key="tokens", alt="Tokens over time"
        )


def _breakdowns(answer: Overview) -> None:
    left, right = st.columns([3, 2])
    with left:
        st.subheader("Services", anchor=False)
        st.html(html_table(_SERVICE_COLUMNS, answer["services"]))
    with right:
        st.subheader("Models", anchor=False)
        if answer["models"]:
            st.html(html_table(_MODEL_COLUMNS, answer["models"]))
        else:
            st.caption("No model was named. Set `gen_ai.request.model` or `answerable.model.name`.")
        st.subheader("Decisions by route", anchor=False)
        _routes(answer["decisions"])


def _routes(decided: dict[str, Any]) -> None:
    if not decided["by_route"]:
        st.caption("No decision in this window. Set `answerable.decision.name` on a span or log.")
        return
    rows = route_rows(decided["by_route"])
    known = any(row["confidence"] is not None for row in rows)
    st.html(html_table(_ROUTE_COLUMNS if known else _ROUTE_COLUMNS[:3], rows))
    mean = formatters.confidence(decided["mean_confidence"])
    st.caption(f"Mean confidence of all decisions: {mean}")


def route_rows(by_route: dict[str, Any]) -> list[dict[str, Any]]:
    """List routes with the most decisions first.

    A route may come as a bare count, or as an object that also has its mean confidence.
    """
    rows = [
        {
            "route": name,
            "decisions": entry["decisions"] if isinstance(entry, dict) else entry,
            "confidence": entry.get("mean_confidence") if isinstance(entry, dict) else None,
        }
        for name, entry in by_route.items()
    ]
    total = sum(row["decisions"] for row in rows)
    for row in rows:
        row["share"] = formatters.share(row["decisions"], total)
    return sorted(rows, key=lambda row: -row["decisions"])
