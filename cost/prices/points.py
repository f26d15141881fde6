"""Published prices: what one unit of a meter costs for one exact name over one stretch of time."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

#: Last instant an open price holds, 2100-01-01T00:00:00Z: no event is counted later.
FOREVER_NS = 4_102_444_800_000_000_000

#: Service tiers that mean the standard one.
STANDARD_TIERS = frozenset({"", "auto", "default", "standard", "standard_only", "on_demand"})

#: Tenant, provider, model: what telemetry calls a model, in lower case.
Name = tuple[str, str, str]


class Point(NamedTuple):
    """One row of `price_points`, apart from its book's version.

    Parameters
    ----------
    valid_from, valid_to
        UTC nanoseconds, both included.
    above
        Steps by size of the whole input, ascending from 0; the other tuples have one entry each.
    """

    tenant: str
    provider: str
    model: str
    meter: str
    service_tier: str
    valid_from: int
    valid_to: int
    currency: str
    above: tuple[int, ...]
    amounts: tuple[Decimal, ...]
    list_amounts: tuple[Decimal, ...]
    price_ids: tuple[str, ...]
    rules: tuple[str, ...]

    @property
    def name(self) -> Name:
        """Whose price it is."""
        return self[:3]

    def step(self, context_tokens: int) -> int:
        """Index of the last step that an input of this size is larger than."""
        return max(0, bisect_left(self.above, context_tokens) - 1)

    def row(self) -> dict[str, Any]:
        """Give it as the table's columns."""
        return dict(zip(self._fields, self, strict=True))


def point(row: Mapping[str, Any]) -> Point:
    """Read a row of the table."""
    values = (row[name] for name in Point._fields)
    return Point._make(tuple(value) if isinstance(value, list) else value for value in values)


def at(points: Iterable[Point], time_ns: int) -> Point | None:
    """Find the point that holds at a time; of one key there is one at most."""
    return next((p for p in points if p.valid_from <= time_ns <= p.valid_to), None)


def tier_of(reported: str) -> str:
    """Give a service tier as charges name it: empty for the standard one."""
    return "" if reported in STANDARD_TIERS else reported
