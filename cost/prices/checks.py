"""What must hold between prices: no two of one submission for one time, steps that start at 0."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from cost.prices.moments import holding
from cost.prices.points import FOREVER_NS
from sql.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cost.prices.book import Book, Group
    from cost.prices.price import Key, Price


def disjoint(prices: Sequence[Price], labels: Sequence[str] = ()) -> None:
    """Refuse a submission of which two rows hold for one key at one time.

    Parameters
    ----------
    labels
        What to call each row, as "line 3"; left out, they are counted.

    Raises
    ------
    InvalidInputError
        Names both.
    """
    by_key: dict[Key, list[int]] = defaultdict(list)
    for at, price in enumerate(prices):
        by_key[price.key].append(at)
    for found in by_key.values():
        found.sort(key=lambda at: prices[at].valid_from)
        for one, other in pairwise(found):
            if prices[one].overlaps(prices[other]):
                names = sorted((one, other))
                shown = [labels[at] if labels else f"price {at + 1}" for at in names]
                raise InvalidInputError(
                    f"{shown[0]} and {shown[1]} hold for the same {_said(prices[one])} from "
                    f"{day(prices[other].valid_from)} on; end the earlier one there (valid_to).",
                    field="valid_from",
                )


def stepped(book: Book, prices: Iterable[Price]) -> None:
    """Refuse what would leave steps without one above 0, or in two currencies.

    Parameters
    ----------
    book
        With the new prices in it.
    """
    touched = {(price.tenant, price.provider, price.model, price.imported) for price in prices}
    for group in book.groups:
        if (group.tenant, group.provider, group.model, group.imported) in touched:
            _steps_of(group)


def _steps_of(group: Group) -> None:
    if not any(row.above for row in group.rows) and not _currencies(group.rows):
        return
    times = sorted({row.valid_from for row in group.rows} | {row.valid_to for row in group.rows})
    for time in times:
        steps: dict[tuple[str, str], list[Price]] = defaultdict(list)
        for row in holding(group, time):
            if row.kind == "price":
                steps[row.meter, row.service_tier].append(row)
        for found in steps.values():
            first = min(found, key=lambda row: row.above)
            if first.above:
                raise InvalidInputError(
                    f"The price of {_said(first)} above {first.above} tokens has none above 0 "
                    f"beneath it at {day(time)}; state that too, or withdraw this one.",
                    field="above",
                )
            if _currencies(found):
                shown = ", ".join(f"{row.currency} above {row.above}" for row in found)
                raise InvalidInputError(
                    f"The steps of {_said(first)} are in several currencies at {day(time)}: "
                    f"{shown}; use one.",
                    field="currency",
                )


def _currencies(rows: Iterable[Price]) -> bool:
    return len({row.currency for row in rows if row.kind == "price"}) > 1


def _said(price: Price) -> str:
    tier = f" {price.service_tier}" if price.service_tier else ""
    whose = f" for tenant {price.tenant}" if price.tenant else ""
    return f"{price.provider} {price.model}{tier} {price.meter}{whose}"


def day(time_ns: int) -> str:
    """Write a time for a person."""
    if time_ns <= 0:
        return "the beginning"
    if time_ns >= FOREVER_NS:
        return "the end"
    moment = datetime.fromtimestamp(time_ns // 1_000_000_000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}".replace("T00:00:00Z", "")
