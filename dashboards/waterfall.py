"""The waterfall of one trace: spans as a tree, drawn as bars on one time axis."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go  # type: ignore[import-untyped]

from dashboards.contract import Span
from dashboards.formatters import duration, shorten, time_ns
from dashboards.theme import ERROR, ORANGE, service_colours

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Spans drawn at once; a longer trace is paged, so that the browser stays quick.
ROWS_MAX = 200

_ROW_PX = 22
_LEFT_PX = 250
_INDENT_PX = 12
_CHAR_PX = 7
#: Deeper spans are indented no further, so that their names keep room.
_DEPTH_MAX = 12
#: Width of the shortest bar as a share of the whole, so that it can be seen and clicked.
_WIDTH_MIN = 0.002
_UNITS = ((1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "µs"), (1, "ns"))


@dataclass(frozen=True, slots=True)
class Row:
    """One span with its place in the tree and its start relative to the trace, in ns."""

    span: Span
    depth: int
    offset_ns: int

    @property
    def failed(self) -> bool:
        """Whether the span says it failed."""
        return self.span["status"].get("code") == "ERROR"


def rows(spans: Sequence[Span]) -> list[Row]:
    """Order spans as a tree, each parent before its children, siblings by start.

    A span whose parent is not here is a root. Spans that name each other as parents in a
    circle are still listed, once, from the earliest.
    """
    starts = {id(span): time_ns(span["start_time"]) for span in spans}
    zero = min(starts.values(), default=0)
    ordered = sorted(spans, key=lambda span: starts[id(span)])
    known = {span["span_id"] for span in spans}
    children: dict[str | None, list[Span]] = {}
    for span in ordered:
        parent = span["parent_span_id"]
        children.setdefault(parent if parent in known else None, []).append(span)
    result: list[Row] = []
    seen: set[int] = set()
    # The second pass starts from whatever a circle kept out of the first.
    for start in (*children.get(None, []), *ordered):
        stack = [(start, 0)]
        while stack:
            span, depth = stack.pop()
            if id(span) in seen:
                continue
            seen.add(id(span))
            result.append(Row(span, depth, starts[id(span)] - zero))
            below = children.get(span["span_id"], [])
            stack.extend((child, depth + 1) for child in reversed(below))
    return result


def end_ns(all_rows: Sequence[Row]) -> int:
    """Find where the trace ends, in nanoseconds after its first start."""
    return max((row.offset_ns + row.span["duration_ns"] for row in all_rows), default=0)


def figure(
    drawn: Sequence[Row],
    *,
    services: Sequence[str],
    end_ns: int,
    deciding: Iterable[str] = (),
    selected: str = "",
) -> go.Figure:
    """Draw rows as bars.

    Parameters
    ----------
    drawn
        The rows of one screen, at most `ROWS_MAX`.
    services
        All services of the trace, so that colours do not change from screen to screen.
    end_ns
        End of the whole trace after its start; the axis is the same on every screen.
    deciding
        Span ids that made a decision; each gets a diamond.
    selected
        Span id to highlight.
    """
    scale, unit = next((pair for pair in _UNITS if end_ns >= pair[0]), _UNITS[-1])
    chart = go.Figure()
    for service, colour in service_colours(services).items():
        members = [(i, row) for i, row in enumerate(drawn) if row.span["service"] == service]
        if members:
            _bars(chart, members, colour=colour, scale=scale, shortest=end_ns * _WIDTH_MIN)
    _diamonds(chart, drawn, frozenset(deciding), scale)
    _highlight(chart, drawn, selected)
    return _finish(chart, drawn, unit=unit, end=end_ns / scale)


def _bars(
    chart: go.Figure,
    members: Sequence[tuple[int, Row]],
    *,
    colour: str,
    scale: int,
    shortest: float,
) -> None:
    spans = [row.span for _, row in members]
    chart.add_bar(
        y=[place for place, _ in members],
        x=[max(span["duration_ns"], shortest, 1) / scale for span in spans],
        base=[row.offset_ns / scale for _, row in members],
        width=0.64,
        orientation="h",
        name=escape(spans[0]["service"] or "no service"),
        customdata=[span["span_id"] for span in spans],
        marker={
            "color": [ERROR if row.failed else colour for _, row in members],
            # Colour is never the only sign: a failed bar is hatched too.
            "pattern": {
                "shape": ["/" if row.failed else "" for _, row in members],
                "fillmode": "overlay",
                "fgcolor": "rgba(255,255,255,0.75)",
                "size": 6,
            },
            "line": {"width": 0},
        },
        text=[duration(span["duration_ns"]) for span in spans],
        textposition="outside",
        cliponaxis=False,
        hovertext=[_hover(row) for _, row in members],
        hovertemplate="%{hovertext}<extra></extra>",
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
    )


def _diamonds(chart: go.Figure, drawn: Sequence[Row], deciding: frozenset[str], scale: int) -> None:
    marked = [(i, row) for i, row in enumerate(drawn) if row.span["span_id"] in deciding]
    if not marked:
        return
    chart.add_scatter(
        x=[row.offset_ns / scale for _, row in marked],
        y=[place for place, _ in marked],
        mode="markers",
        name="decision",
        customdata=[row.span["span_id"] for _, row in marked],
        marker={
            "symbol": "diamond",
            "size": 11,
            "color": ORANGE,
            "line": {"width": 1.5, "color": "white"},
        },
        hoverinfo="skip",
        cliponaxis=False,
    )


def _names(drawn: Sequence[Row]) -> list[dict[str, Any]]:
    """Write the names left of the bars, indented as the tree is; an axis cannot indent."""
    texts = []
    for place, row in enumerate(drawn):
        indent = min(row.depth, _DEPTH_MAX) * _INDENT_PX
        length = (_LEFT_PX - indent) // _CHAR_PX - (2 if row.failed else 0)
        name = escape(shorten(row.span["name"] or "no name", length))
        texts.append(
            {
                "x": 0,
                "xref": "paper",
                "xanchor": "left",
                "xshift": indent - _LEFT_PX,
                "y": place,
                "text": f"<b>! {name}</b>" if row.failed else name,
                "showarrow": False,
                "font": {"size": 12, **({"color": ERROR} if row.failed else {})},
            }
        )
    return texts


def _highlight(chart: go.Figure, drawn: Sequence[Row], selected: str) -> None:
    for place, row in enumerate(drawn):
        if row.span["span_id"] == selected:
            chart.add_hrect(
                y0=place - 0.5, y1=place + 0.5, fillcolor=ORANGE, opacity=0.16, line_width=0
            )


def _hover(row: Row) -> str:
    span = row.span
    said = [
        f"<b>{escape(shorten(span['name'], 80))}</b>",
        f"{escape(span['service'])} · {escape(span['kind'])} · {duration(span['duration_ns'])}",
        f"starts at +{duration(row.offset_ns)}",
    ]
    if row.failed:
        message = span["status"].get("message") or "no message"
        said.append(f"error: {escape(shorten(message, 120))}")
    return "<br>".join(said)


def _finish(chart: go.Figure, drawn: Sequence[Row], *, unit: str, end: float) -> go.Figure:
    chart.update_layout(
        barmode="overlay",
        # All at once: Plotly copies the whole list for each annotation added alone.
        annotations=_names(drawn),
        height=_ROW_PX * len(drawn) + 44,
        margin={"l": _LEFT_PX, "r": 64, "t": 32, "b": 8, "autoexpand": False},
        showlegend=False,
        dragmode=False,
    )
    chart.update_yaxes(
        range=[len(drawn) - 0.5, -0.5],
        showticklabels=False,
        showgrid=False,
        zeroline=False,
        fixedrange=True,
    )
    chart.update_xaxes(
        side="top",
        ticksuffix=f" {unit}",
        nticks=8,
        range=[0, max(end, 1e-9) * 1.01],
        zeroline=False,
        fixedrange=True,
        title=None,
    )
    return chart
