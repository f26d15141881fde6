"""Tables: small ones as HTML with aligned numbers, lists one can click as Arrow tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa  # type: ignore[import-untyped]

from dashboards.formatters import time_ns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Kind = Literal["text", "num", "code", "dim"]
Row = dict[str, Any]
#: Turns the rows of a list into one typed column.
ArrowColumn = Callable[[Sequence[Row]], pa.Array]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an HTML table: its heading, its text per row, how it is set.

    Parameters
    ----------
    link
        Where the text leads; only a web address becomes a link.
    """

    label: str
    text: Callable[[Row], str]
    kind: Kind = "text"
    dot: Callable[[Row], str] | None = None
    link: Callable[[Row], str] | None = None


def html_table(columns: Sequence[Column], rows: Iterable[Row]) -> str:
    """Build a table; every cell is escaped, because it may hold what somebody sent."""
    head = "".join(f'<th class="{one.kind}">{escape(one.label)}</th>' for one in columns)
    body = "".join(f"<tr>{''.join(_cell(one, row) for one in columns)}</tr>" for row in rows)
    return (
        '<div class="an-wrap"><table class="an-table">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def arrow(rows: Sequence[Row], columns: Mapping[str, ArrowColumn]) -> pa.Table:
    """Build a typed table for a list one can sort and click."""
    return pa.table({name: build(rows) for name, build in columns.items()})


def facts(pairs: Mapping[str, str]) -> str:
    """Build a two-column table of names and values; an absence is set apart."""
    rows = "".join(
        f'<tr><td class="dim">{escape(name)}</td><td>{_said(text)}</td></tr>'
        for name, text in pairs.items()
    )
    return f'<div class="an-wrap"><table class="an-table"><tbody>{rows}</tbody></table></div>'


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure of the row at the top of a page, with a note below it.

    Parameters
    ----------
    badge
        What qualifies the figure, such as how much of it is known; it stands below the note.
    """

    label: str
    value: str
    note: str = ""
    colour: str = ""
    badge: str = ""
    badge_colour: str = ""


def tiles(shown: Iterable[Tile]) -> str:
    """Build the row of figures; it wraps to the width of the page."""
    return f'<div class="an-tiles">{"".join(_tile(one) for one in shown)}</div>'


def _tile(one: Tile) -> str:
    style = f' style="--an-colour:{escape(one.colour)}"' if one.colour else ""
    return (
        f'<div class="an-tile"{style}><div class="an-label">{escape(one.label)}</div>'
        f'<div class="an-value">{escape(one.value)}</div>'
        f'<div class="an-note">{escape(one.note) or "&nbsp;"}</div>'
        f"{badge(one.badge, one.badge_colour) if one.badge else ''}</div>"
    )


def badge(text: str, colour: str) -> str:
    """Build a mark with a coloured edge; the text alone says everything."""
    return f'<span class="an-badge" style="--an-colour:{escape(colour)}">{escape(text)}</span>'


def legend(entries: Mapping[str, str]) -> str:
    """Build a line that says which colour means what."""
    items = "".join(
        f'<span class="an-key"><span class="an-dot" style="background:{escape(colour)}"></span>'
        f"{escape(name) or 'no service'}</span>"
        for name, colour in entries.items()
    )
    return f'<div class="an-keys">{items}</div>'


def times(rows: Sequence[Row], key: str) -> pa.Array:
    """Build a column of times, to the millisecond a page shows."""
    values = [time_ns(row[key]) // 1_000_000 for row in rows]
    return pa.array(values, pa.timestamp("ms", "UTC"))


def texts(rows: Sequence[Row], text: Callable[[Row], str]) -> pa.Array:
    """Build a column of texts."""
    return pa.array([text(row) for row in rows], pa.string())


def floats(rows: Sequence[Row], value: Callable[[Row], float | None]) -> pa.Array:
    """Build a column of numbers; absent ones stay absent."""
    return pa.array([value(row) for row in rows], pa.float64())


def integers(rows: Sequence[Row], value: Callable[[Row], int | None]) -> pa.Array:
    """Build a column of whole numbers; absent ones stay absent."""
    return pa.array([value(row) for row in rows], pa.int64())


def _cell(column: Column, row: Row) -> str:
    mark, kind = "", str(column.kind)
    if column.dot is not None:
        kind = f"{kind} dotted"
        mark = f'<span class="an-dot" style="background:{escape(column.dot(row))}"></span>'
    text = escape(column.text(row))
    target = column.link(row) if column.link is not None else ""
    if target.startswith(("https://", "http://")):
        text = f'<a href="{escape(target)}" target="_blank" rel="noopener noreferrer">{text}</a>'
    return f'<td class="{kind}">{mark}{text}</td>'


def _said(text: str) -> str:
    shown = escape(text)
    absent = text.startswith(("no ", "not recorded"))
    return f'<span class="an-said">{shown}</span>' if absent else shown


def selected_row(event: Mapping[str, Any]) -> int | None:
    """Read which row of a clickable list was clicked, by its box or by any of its cells."""
    chosen = event["selection"]
    if chosen["rows"]:
        return int(chosen["rows"][0])
    if chosen["cells"]:
        return int(chosen["cells"][0][0])
    return None
