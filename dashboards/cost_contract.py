"""Shapes of the cost meter's answers, as far as the pages read them; money is decimal text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

if TYPE_CHECKING:
    from dashboards.contract import Interval


class Money(TypedDict):
    """A sum, with what is missing from it."""

    currency: str | None
    cost: str | None
    list_cost: str | None
    events: int
    unpriced: int
    coverage: str | None
    quarantined: int


class CostPage(TypedDict):
    """Sums of charges, or unit costs; an item has the keys that were asked for."""

    window: Interval
    as_of: str | None
    known_at: str
    currency: str | None
    items: list[dict[str, Any]]
    totals: NotRequired[list[Money]]
    next_cursor: str | None


class Explanation(TypedDict):
    """A change of cost and the effects that add up to it."""

    window: Interval
    baseline_window: Interval
    known_at: str
    currency: str | None
    per: str
    baseline: str
    current: str
    delta: str
    effects: dict[str, str]
    coverage: dict[str, str | None]
    calls: dict[str, str]
    retries: dict[str, str]
    folded: list[str]
    items: list[dict[str, Any]]
    causes: list[dict[str, Any]]
