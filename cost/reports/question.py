"""A question about costs, checked: which charges, as known when, grouped how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cost.reports.dimensions import BY_USER, Source
from sql.errors import InvalidInputError
from web.window import DAY_NS, HOUR_NS, Window


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for.

    Parameters
    ----------
    window
        When the charges happened; it is cut at `as_of` already.
    known_ns
        When they had to be booked by, UTC nanoseconds.
    tenants
        Empty for all.
    filters
        By key; an empty text means the charges that have none.
    currency
        None for a sum in each.
    """

    window: Window
    known_ns: int
    tenants: tuple[str, ...]
    groups: tuple[str, ...]
    filters: Mapping[str, str]
    source: Source
    currency: str | None = None

    def at(self, window: Window, known_ns: int) -> Question:
        """Ask the same of another window."""
        return replace(self, window=window, known_ns=known_ns)

    @property
    def parameters(self) -> dict[str, Any]:
        """Give what queries over sums take, without rates and page."""
        start, end = whole(self.window, DAY_NS if self.source is BY_USER else HOUR_NS)
        return {
            "tenants": [*self.tenants],
            "known_ns": self.known_ns,
            "from_ns": self.window.from_ns,
            "to_ns": self.window.to_ns,
            "whole_from_ns": start,
            "whole_to_ns": end,
            "group_by": [*self.groups],
            **{
                key: [self.filters[key]] if key in self.filters else []
                for key in self.source.filters
            },
        }


def whole(window: Window, step_ns: int) -> tuple[int, int]:
    """Find the whole steps inside a window; an empty stretch at its start where there is none."""
    start = -(-window.from_ns // step_ns) * step_ns
    end = window.to_ns // step_ns * step_ns
    return (start, end) if start < end else (window.from_ns, window.from_ns)


def cut(window: Window, as_of_ns: int | None, now_ns: int) -> Window:
    """End a window after what happened at `as_of_ns`.

    Raises
    ------
    InvalidInputError
        For a time to come, and one before the window.
    """
    if as_of_ns is None:
        return window
    _past("as_of", as_of_ns, now_ns)
    if as_of_ns < window.from_ns:
        raise InvalidInputError("as_of is before from, so nothing can be in it.", field="as_of")
    return Window(window.from_ns, min(window.to_ns, as_of_ns + 1))


def known(known_ns: int | None, now_ns: int) -> int:
    """Check when charges had to be known; now where it is left out."""
    if known_ns is None:
        return now_ns
    _past("known_at", known_ns, now_ns)
    return known_ns


def _past(field: str, at_ns: int, now_ns: int) -> None:
    if at_ns > now_ns:
        raise InvalidInputError(
            f"{field} lies in the future; use now, or leave it out.", field=field
        )
