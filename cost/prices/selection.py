"""Selections from the book: what holds at a time, what a filter wants, what replaced what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cost import patterns
from cost.prices import providers
from cost.prices.book import pattern
from cost.prices.moments import holding as holding_of
from sql.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cost.prices.book import Book
    from cost.prices.price import Key, Price

Order = tuple[int | str, ...]
KeyOf = Callable[["Price"], Order]

#: Types of the orders below, by the list that has them.
KINDS: dict[str, tuple[type[int] | type[str], ...]] = {
    "prices": (str, str, str, str, str, int, int, int, str),
    "history": (int, str),
}


def order(price: Price) -> Order:
    """Sort by what a price is for, then by when it holds."""
    key = price.key
    return (*key[:-1], int(key.imported), price.valid_from, price.price_id)


def newest_first(price: Price) -> Order:
    """Sort by when it was recorded, backwards."""
    return -price.recorded_at, price.price_id


@dataclass(frozen=True, slots=True)
class Wanted:
    """Tells which rows a filter wants.

    Parameters
    ----------
    tenants
        Whose rows may be seen, with "" for the list; None: everybody's.
    tenant
        The one whose rows are asked for; None: all of those.
    model
        A model's name, or a pattern as rows have it.
    """

    tenants: frozenset[str] | None
    tenant: str | None
    provider: str
    model: str
    meter: str

    def __call__(self, price: Price) -> bool:
        """Whether a row is wanted."""
        return (
            (self.tenants is None or price.tenant in self.tenants)
            and self.tenant in {None, price.tenant}
            and self.meter in {"", price.meter}
            and (not self.provider or price.provider in self._providers)
            and (not self.model or self._is_of_model(price))
        )

    @property
    def _providers(self) -> frozenset[str]:
        spelled = providers.reported(self.provider.strip()).lower()
        return frozenset((providers.recorded(self.provider), *providers.direct(spelled)))

    def _is_of_model(self, price: Price) -> bool:
        if price.model == _canonical(self.model):
            return True
        return pattern(price.model).matches(self.model.strip())


def holding(book: Book, time_ns: int) -> list[Price]:
    """Give the rows that hold at a time: of each key the one recorded last, unless withdrawn."""
    return [price for group in book.groups for price in holding_of(group, time_ns)]


def superseded(book: Book, prices: Iterable[Price]) -> dict[str, list[str]]:
    """Find for each row those recorded later for its key that share a time with it."""
    wanted = {price.key for price in prices}
    by_key: dict[Key, list[Price]] = defaultdict(list)
    for row in book.prices:
        if row.key in wanted:
            by_key[row.key].append(row)
    return {
        price.price_id: [
            other.price_id
            for other in sorted(by_key[price.key], key=lambda row: row.rank)
            if other.rank > price.rank and other.overlaps(price)
        ]
        for price in prices
    }


def _canonical(text: str) -> str:
    try:
        return patterns.canonical(text)
    except InvalidInputError:
        return text
