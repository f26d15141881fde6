"""One trace: its waterfall, the span one clicks, the logs and decisions that belong to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import charts, formatters, frame, state, waterfall
from dashboards.tables import Column, Tile, html_table, legend, tiles
from dashboards.theme import ERROR, ORANGE, service_colours
from dashboards.views import span_detail

if TYPE_CHECKING:
    from dashboards.contract import Trace
    from dashboards.visit import Visit
    from dashboards.waterfall import Row

_CHART = "waterfall"
_PAGE = "waterfall_page"

#: Above this many rows the chart scrolls in a box of its own.
_ROWS_UNBOXED = 24
_BOX_PX = 600

_LOG_COLUMNS = (
    Column("Time (UTC)", lambda row: formatters.clock(row["time"]), "dim"),
    Column("Severity", lambda row: row["severity_text"] or formatters.value(row["severity"])),
    Column("Event", lambda row: row["event_name"] or formatters.ABSENT),
    Column("Body", lambda row: formatters.value(row["body"]), "code"),
    Column("Attributes", lambda row: formatters.value(row["attributes"] or {}), "code"),
    Column("Span", lambda row: row["span_id"] or formatters.ABSENT, "code"),
)
#: Log records drawn at once; the API gives them in order of time.
_LOGS_MAX = 500


def render(visit: Visit, trace_id: str) -> None:
    """Draw the trace the URL names."""
    st.button(
        "All traces",
        icon=":material/arrow_back:",
        on_click=state.put,
        kwargs={"trace": "", "trace_tenant": "", "span": ""},
    )
    with frame.readable_errors():
        tenant = state.get("trace_tenant") or visit.tenant
        trace = visit.api.trace(trace_id, {"tenant": tenant})
        rows = waterfall.rows(trace["spans"])
        _head(trace, rows)
        if trace["truncated"]:
            shown = formatters.exact(len(rows))
            st.warning(f"This trace is longer than one answer; its first {shown} spans are shown.")
        if rows:
            _waterfall(trace, rows)
            span_detail.render(trace, rows)
        else:
            frame.empty(visit, "No span of this trace is stored; only its logs are.")
        _decisions(visit, trace)
        _logs(trace)


def _head(trace: Trace, rows: list[Row]) -> None:
    name = rows[0].span["name"] if rows else "Trace"
    st.title(formatters.plain(name), anchor=False)
    tenant = f" · tenant {trace['tenant']}" if trace["tenant"] else ""
    st.caption(
        f"Trace `{trace['trace_id']}`{formatters.plain(tenant)} · "
        f"{formatters.clock(trace['start_time'])} UTC"
    )
    failed, services = sum(row.failed for row in rows), _services(rows)
    st.html(
        tiles(
            [
                Tile("Duration", formatters.duration(trace["duration_ns"])),
                Tile("Spans", formatters.exact(len(rows)), f"in {len(services)} services"),
                Tile("Errors", formatters.exact(failed), "spans failed", ERROR if failed else ""),
                Tile("Decisions", formatters.exact(len(trace["decisions"]))),
                Tile("Logs", formatters.exact(len(trace["logs"])), "records"),
            ]
        )
    )


def _services(rows: list[Row]) -> list[str]:
    return list(dict.fromkeys(row.span["service"] for row in rows))


def _waterfall(trace: Trace, rows: list[Row]) -> None:
    st.subheader("Waterfall", anchor=False, help="Click a bar to read its span below.")
    shown = _screen(rows)
    figure = waterfall.figure(
        shown,
        services=_services(rows),
        end_ns=waterfall.end_ns(rows),
        deciding=[one["span_id"] for one in trace["decisions"]],
        selected=state.get("span"),
    )
    st.html(legend(_legend(trace, rows)))
    box = st.container(height=_BOX_PX) if len(shown) > _ROWS_UNBOXED else st.container()
    with box:
        st.plotly_chart(
            figure,
            config=charts.CONFIG,
            key=_CHART,
            on_select=_choose,
            selection_mode="points",
            alt="Spans of the trace by time, as a tree",
        )


def _legend(trace: Trace, rows: list[Row]) -> dict[str, str]:
    entries = service_colours(_services(rows))
    if any(row.failed for row in rows):
        entries["failed (hatched)"] = ERROR
    if trace["decisions"]:
        entries["decision (diamond)"] = ORANGE
    return entries


def _screen(rows: list[Row]) -> list[Row]:
    """Choose the rows to draw: all, the failed ones, or one page of a long trace."""
    failed = [row for row in rows if row.failed]
    if failed and len(rows) > _ROWS_UNBOXED and state.toggle("Only failed spans", "failed"):
        rows = failed
    pages = -(-len(rows) // waterfall.ROWS_MAX)
    if pages <= 1:
        return rows
    page = st.pagination(pages, key=_PAGE, default=_page_of_selected(rows))
    first = (page - 1) * waterfall.ROWS_MAX
    shown = rows[first : first + waterfall.ROWS_MAX]
    st.caption(f"Spans {first + 1:,} to {first + len(shown):,} of {len(rows):,}")
    return shown


def _page_of_selected(rows: list[Row]) -> int:
    wanted = state.get("span")
    places = [place for place, row in enumerate(rows) if row.span["span_id"] == wanted]
    return places[0] // waterfall.ROWS_MAX + 1 if places else 1


def _choose() -> None:
    points: list[dict[str, Any]] = st.session_state[_CHART]["selection"]["points"]
    if points:
        state.put(span=str(points[0]["customdata"]))


def _decisions(visit: Visit, trace: Trace) -> None:
    if not trace["decisions"]:
        return
    st.subheader("Decisions", anchor=False)
    for one in trace["decisions"]:
        sure = formatters.confidence(one["confidence"])
        label = f"{one['name'] or 'unnamed'} → {one['outcome'] or 'no outcome'} (confidence {sure})"
        st.page_link(
            visit.pages["decisions"],
            label=formatters.plain(label),
            icon=":material/rule:",
            query_params=visit.link(
                decision=one["decision_id"], decision_tenant=one.get("tenant", "")
            ),
        )


def _logs(trace: Trace) -> None:
    st.subheader("Logs", anchor=False)
    logs = trace["logs"]
    if not logs:
        st.caption("No log record names this trace.")
        return
    if len(logs) > _LOGS_MAX:
        st.caption(f"The first {_LOGS_MAX:,} of {len(logs):,} log records.")
    st.html(html_table(_LOG_COLUMNS, logs[:_LOGS_MAX]))
