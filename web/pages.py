"""Pages of a list: cursors that keep their window, and reading backwards in growing slices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sql import cursor
from sql.errors import InvalidInputError
from web.window import LATEST_NS, Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from web.parameters import ListQuery

Row = dict[str, Any]

#: The newest slice of a window, in nanoseconds; each older one is eight times as long. Lists are
#: read newest first, so most pages touch a minute of rows however long the window is.
FIRST_SLICE_NS = 60_000_000_000
SLICE_GROWTH = 8


@dataclass(frozen=True, slots=True)
class Position:
    """A page of one list: its window, and the sort key of the row before its first."""

    window: Window
    after: tuple[int | str, ...] | None


def position(
    name: str, query: ListQuery, kinds: tuple[type[int] | type[str], ...], now_ns: int
) -> Position:
    """Find where a page starts.

    Parameters
    ----------
    name
        The list's name; a cursor of another list is refused.
    kinds
        Types of the list's sort key. Integers are times in nanoseconds.
    """
    if not query.cursor:
        return Position(query.window(now_ns), None)
    head: tuple[type[int] | type[str], ...] = (str, int, int)
    held = cursor.decode(query.cursor, (*head, *kinds))
    times = [value for value in held if isinstance(value, int)]
    if held[0] != name or not all(0 <= value <= LATEST_NS for value in times):
        raise InvalidInputError("The cursor is not one this list gave out.", field="cursor")
    return Position(Window(times[0], times[1]), held[3:])


def next_cursor(name: str, window: Window, key: tuple[int | str, ...]) -> str:
    """Write the cursor of the page that starts after the row with this sort key."""
    return cursor.encode((name, window.from_ns, window.to_ns, *key))


def slices(window: Window, first_ns: int = FIRST_SLICE_NS) -> Iterator[Window]:
    """Cut a window into slices from its end backwards, each longer than the one before."""
    end, width = window.to_ns, first_ns
    while end > window.from_ns:
        start = max(window.from_ns, end - width)
        yield Window(start, end)
        end, width = start, width * SLICE_GROWTH


def newest(window: Window, wanted: int, fetch: Callable[[Window, int], list[Row]]) -> list[Row]:
    """Read the newest rows of a window, looking no further back than it must.

    Parameters
    ----------
    fetch
        Reads at most so many rows of a slice, newest first.
    """
    rows: list[Row] = []
    for part in slices(window):
        rows += fetch(part, wanted - len(rows))
        if len(rows) >= wanted:
            break
    return rows
