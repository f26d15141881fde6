"""Cost: what was spent on what, how much of it is known, and why it changed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import charts, cost_charts, formatters, frame, state
from dashboards import cost_dimensions as dimensions
from dashboards import money as m
from dashboards.tables import Column, Tile, html_table, tiles
from dashboards.theme import BLUE, PURPLE, VERMILLION
from dashboards.views import cost_change, cost_month, cost_unit

if TYPE_CHECKING:
    from dashboards.client import Params
    from dashboards.cost_contract import CostPage, Money
    from dashboards.visit import Visit

_MISSING = "This service does not meter costs. Update it: the cost meter came with a later version."
_EMPTY = (
    "No charge in this window. A span is charged for its tokens (gen_ai.usage.input_tokens, "
    "gen_ai.usage.output_tokens with gen_ai.request.model) and for answerable.usage.NAME, such as "
    "answerable.usage.gpu_seconds. Send some, or widen the window."
)
_REASONS = {
    "no_model": "the span names no model",
    "no_price": "the price book has no price for it",
}
_FORMS = {
    "csv": ("CSV", "text/csv", ":material/table:"),
    "html": ("Page to print", "text/html", ":material/print:"),
    "parquet": ("Parquet", "application/vnd.apache.parquet", ":material/database:"),
}
#: Rows of the table beside the treemap.
_TOP_MAX = 12

_UNPRICED_COLUMNS = (
    Column("Provider", lambda row: row["provider"] or formatters.ABSENT),
    Column("Model", lambda row: row["model"] or "no model"),
    Column("Meter", lambda row: row["meter"]),
    Column("Tier", lambda row: row["tier"] or "standard"),
    Column("Tenant", lambda row: row["tenant"]),
    Column("Why", lambda row: str(_REASONS.get(row["reason"], row["reason"]))),
    Column("Charges", lambda row: formatters.exact(row["charges"]), "num"),
    Column("Quantity", lambda row: f"{m.quantity(row['quantity'])} {row['unit']}", "num"),
)


def render(visit: Visit) -> None:
    """Draw the page."""
    line = frame.title(visit, "Cost")
    dimension, tree, asked = _controls()
    step = dimensions.step(visit.window, dimension)
    with frame.readable_errors(_MISSING):
        answer = visit.costs.sums(visit.params(**asked, group_by=f"{step},{dimension}"))
        frame.freshness(line, visit, {"window": answer["window"], "as_of": answer["known_at"]})
        if not answer["items"]:
            frame.empty(visit, _EMPTY, with_snippets=True)
            return
        totals = answer["totals"]
        st.html(tiles(_tiles(totals)))
        if len(m.by_currency(totals)) > 1:
            st.info(
                "Charges are in several currencies, which are never added up. Enter one under "
                "Currency to convert all of them at the rate of the day they were spent.",
                icon=":material/currency_exchange:",
            )
        _trend(answer, step, dimension)
        _nesting(visit, asked, tree, answer, dimension)
        _unpriced(visit, asked, totals)
        cost_change.render(visit, asked, answer["window"])
        cost_unit.render(visit, asked)
        cost_month.render(visit, asked)
        _downloads(visit, asked, answer, dimension)


def _controls() -> tuple[str, str, Params]:
    """Draw what the visitor may choose; all of it is in the URL."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        dimension = state.option("Stack by", "by", dimensions.DIMENSIONS)
        tree = state.option("Nest by", "nest", dimensions.TREES, width=220)
        asked = {
            "currency": state.text("Currency", "currency", placeholder="as charged").upper(),
            "project": state.text("Project", "project", placeholder="any"),
            "model": state.text("Model", "model", placeholder="any"),
        }
        st.button(
            "Last 30 days",
            icon=":material/date_range:",
            on_click=state.put,
            kwargs={"window": "30d", "from": "", "to": ""},
        )
    return dimension, tree, asked


def _tiles(totals: list[Money]) -> list[Tile]:
    """Make the figures of every currency, each with how much of it is known."""
    made: list[Tile] = []
    for one in totals:
        currency, known = one["currency"], m.coverage(one["coverage"])
        marked = {"badge": known, "badge_colour": m.coverage_colour(one["coverage"])}
        made.append(
            Tile("Cost", m.money(one["cost"], currency), _missing_note(one), BLUE, **marked)
        )
        if one["list_cost"] not in {None, one["cost"]}:
            listed = m.money(one["list_cost"], currency)
            made.append(
                Tile("At list prices", listed, "before contracts and batch", PURPLE, **marked)
            )
    unpriced = sum(one["unpriced"] for one in totals)
    if unpriced:
        note = "not in any sum"
        made.append(Tile("Without a price", formatters.count(unpriced), note, VERMILLION))
    quarantined = sum(one["quarantined"] for one in totals)
    if quarantined:
        made.append(Tile("Impossible reports", formatters.count(quarantined), "kept, never money"))
    return made


def _missing_note(one: Money) -> str:
    if not one["unpriced"]:
        return f"{formatters.count(one['events'])} charges"
    return f"{formatters.count(one['unpriced'])} of {formatters.count(one['events'])} lack a price"


def _trend(answer: CostPage, step: str, dimension: str) -> None:
    by = dimensions.DIMENSIONS[dimension].lower()
    st.subheader(f"By {step} and {by}", anchor=False)
    for currency in m.by_currency(answer["totals"]):
        rows = dimensions.of_currency(answer["items"], currency)
        layers = dimensions.series(rows, step, dimension)
        figure = cost_charts.trend(layers, currency, step)
        st.plotly_chart(
            figure,
            config=charts.CONFIG,
            key=f"trend {currency}",
            alt=f"Cost in {currency} by {step}, stacked by {by}",
        )
    said = _known(answer["totals"])
    if answer["next_cursor"]:
        said += " · there are more groups than fit: the chart shows the earliest, sums show all"
    st.caption(said)


def _known(totals: list[Money]) -> str:
    return " · ".join(
        f"{one['currency'] or 'Rest'}: {m.coverage(one['coverage'])}" for one in totals
    )


def _nesting(visit: Visit, asked: Params, tree: str, trend: CostPage, dimension: str) -> None:
    left, right = st.columns([3, 2])
    with left, frame.part("Treemap"):
        st.subheader(dimensions.TREES[tree], anchor=False)
        answer = visit.costs.sums(visit.params(**asked, group_by=tree))
        for currency in m.by_currency(answer["items"]):
            rows = dimensions.of_currency(answer["items"], currency)
            st.plotly_chart(
                cost_charts.treemap(rows, tree, currency),
                config=charts.CONFIG,
                key=f"tree {currency}",
                alt=f"Cost in {currency} nested by {dimensions.TREES[tree]}",
            )
        if any((row["cost"] or "").startswith("-") for row in answer["items"]):
            st.caption("Sums below zero, such as corrections of another window, have no area.")
    with right:
        st.subheader(f"{dimensions.DIMENSIONS[dimension]}", anchor=False)
        rows = dimensions.ranked(trend["items"], dimension)
        st.html(html_table(_top_columns(dimension), rows[:_TOP_MAX]))
        if len(rows) > _TOP_MAX:
            st.caption(f"The dearest {_TOP_MAX} of {len(rows):,}.")


def _top_columns(dimension: str) -> tuple[Column, ...]:
    return (
        Column(dimensions.DIMENSIONS[dimension], lambda row: row["label"]),
        Column("Cost", lambda row: m.money(row["cost"], row["currency"]), "num"),
        Column("Share", lambda row: row["share"], "num"),
        Column(
            "Coverage",
            lambda row: m.coverage(row["coverage"]),
            dot=lambda row: m.coverage_colour(row["coverage"]),
        ),
    )


def _downloads(visit: Visit, asked: Params, answer: CostPage, dimension: str) -> None:
    """Offer the window as a report; it is made when somebody asks for it."""
    st.subheader("Report", anchor=False, help="Of the window and filters above, by tenant.")
    groups = dict.fromkeys(("tenant", dimension))
    covered = {"from": answer["window"]["from"], "to": answer["window"]["to"]}
    params = {**asked, **covered, "tenant": visit.tenant, "group_by": ",".join(groups)}
    stem = f"costs-{answer['window']['from'][:10]}-to-{answer['window']['to'][:10]}"
    with st.container(horizontal=True):
        for form, (label, mime, icon) in _FORMS.items():
            st.download_button(
                label,
                data=partial(visit.costs.report, {**params, "format": form}),
                file_name=f"{stem}.{form}",
                mime=mime,
                icon=icon,
                key=f"report {form}",
                on_click="ignore",
            )


def _unpriced(visit: Visit, asked: Params, totals: list[Money]) -> None:
    missing = sum(one["unpriced"] for one in totals)
    if not missing:
        return
    with frame.part("Usage without a price"):
        known = {"tenant": visit.tenant, **visit.window.params}
        found: list[dict[str, Any]] = visit.costs.unpriced(known)["items"]
        whole = m.coverage(m.covered(totals))
        with st.expander(f"{missing:,} charges have no price ({whole})", icon=":material/sell:"):
            st.html(html_table(_UNPRICED_COLUMNS, found))
            if any(asked.values()):
                st.caption("Filters above do not narrow this list.")
            st.page_link(
                visit.pages["prices"],
                label="Look up or set prices",
                icon=":material/sell:",
                query_params=visit.link(),
            )
            st.caption("A price set for the past is booked to them within seconds.")
