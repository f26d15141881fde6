"""The price book in memory: which of its rows speak for a name, and which of them first."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from cost.patterns import Pattern
from cost.prices import providers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cost.prices.price import Price

#: Patterns that are held read; the bundled list has about 2,500.
PATTERNS_MAX = 65_536

pattern = lru_cache(maxsize=PATTERNS_MAX)(Pattern)


class Group:
    """All rows of one holder, provider and pattern, either imported or the user's own."""

    __slots__ = ("imported", "model", "provider", "recorded_at", "rows", "tenant")

    def __init__(self, price: Price) -> None:
        self.tenant = price.tenant
        self.provider = price.provider
        self.model = price.model
        self.imported = price.imported
        self.recorded_at = 0
        self.rows: list[Price] = []

    def add(self, price: Price) -> None:
        """Take a row of this group."""
        self.rows.append(price)
        self.recorded_at = max(self.recorded_at, price.recorded_at)

    @property
    def for_any_provider(self) -> bool:
        """Whether it names no provider."""
        return self.provider == providers.ANY


#: Groups that speak for a name, the first to be asked first.
Level = tuple[Group, ...]


class Voices(NamedTuple):
    """Whose rows price a name.

    Parameters
    ----------
    contract
        The tenant's own.
    levels
        The list's: those of the provider, then those of each it falls back on. The first level that
        has a price at a time speaks alone.
    """

    contract: Level
    levels: tuple[Level, ...]

    @property
    def groups(self) -> Iterator[Group]:
        """Every group."""
        yield from self.contract
        for level in self.levels:
            yield from level


class _Shelf:
    """The groups of one holder and provider, so that an exact name is found without a search."""

    def __init__(self) -> None:
        self.exact: dict[str, list[Group]] = {}
        self.loose: list[Group] = []

    def add(self, group: Group) -> None:
        read = pattern(group.model)
        for name in read.names:
            self.exact.setdefault(name, []).append(group)
        if not read.is_exact:
            self.loose.append(group)

    def find(self, model: str) -> Iterator[tuple[int, Group]]:
        """Give the groups that match, with the weight of the match."""
        spelled_out = self.exact.get(model, [])
        for group in spelled_out:
            yield pattern(group.model).weight(model), group
        for group in self.loose:
            if group not in spelled_out and (weight := pattern(group.model).weight(model)):
                yield weight, group


class Book:
    """A set of rows, indexed. It never changes; `extended` gives another."""

    def __init__(self, prices: Iterable[Price]) -> None:
        self.prices = tuple(prices)
        groups: dict[tuple[str, str, str, bool], Group] = {}
        for price in self.prices:
            key = (price.tenant, price.provider, price.model, price.imported)
            if key not in groups:
                groups[key] = Group(price)
            groups[key].add(price)
        self.groups = tuple(groups.values())
        #: Providers of which a tenant has rows of its own, by tenant.
        self.contracts: dict[str, set[str]] = {}
        self._shelves: dict[tuple[str, str], _Shelf] = {}
        for group in self.groups:
            if group.tenant:
                self.contracts.setdefault(group.tenant, set()).add(group.provider)
            self._shelves.setdefault((group.tenant, group.provider), _Shelf()).add(group)

    def extended(self, prices: Iterable[Price]) -> Book:
        """Give the book with further rows."""
        return Book((*self.prices, *prices))

    def voices(self, tenant: str, provider: str, model: str) -> Voices:
        """Find who speaks for a name; provider and model in lower case."""
        direct = providers.direct(provider or self._developer(model))
        others = [(name, providers.ANY) for name in providers.fallbacks(provider)]
        contract = self._level(tenant, direct, model) if tenant else ()
        return Voices(contract, tuple(self._level("", row, model) for row in (direct, *others)))

    def _developer(self, model: str) -> str:
        """Give the one developer of models that has a price for a model, or nothing."""
        found = [
            name
            for name in providers.DEVELOPERS
            if (shelf := self._shelves.get(("", name))) and any(shelf.find(model))
        ]
        return found[0] if len(found) == 1 else ""

    def _level(self, tenant: str, among: tuple[str, ...], model: str) -> Level:
        """Rank what matches: own rows, the closer provider, the closer pattern, the newer."""
        found = [
            (group.imported, position, -weight, -group.recorded_at, group.model, group)
            for position, provider in enumerate(among)
            if (shelf := self._shelves.get((tenant, provider)))
            for weight, group in shelf.find(model)
        ]
        return tuple(entry[-1] for entry in sorted(found, key=lambda entry: entry[:-1]))
