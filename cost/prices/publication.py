"""Publications: the whole book spelled out for every name telemetry may carry, as a new version."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from cost.prices import points, providers
from cost.prices.book import pattern
from cost.prices.resolution import Resolver
from sql.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cost.prices.book import Book
    from cost.prices.points import Name, Point
    from cost.prices.price import Price
    from sql.client import Store

#: Names that may be bound to one statement; a server's address line has a bound.
REMOVED_BOUND = 2_000

#: Beyond so many patterns in a change every name is resolved anew.
PATTERNS_LOOKED_UP = 32

#: Providers whose reach is held; telemetry may name any number.
PROVIDERS_MAX = 10_000

#: Digest and number of the points of a name without a price.
_NOTHING = (b"", 0)


@dataclass(frozen=True, slots=True)
class Change:
    """Who changes the book and why.

    Parameters
    ----------
    approver
        Empty where nobody else approved it.
    """

    change_id: str
    actor: str
    approver: str = ""
    reason: str = ""


class Plan(NamedTuple):
    """What publishing would write.

    Parameters
    ----------
    changed
        Points of every name that changes; none for a name that loses its prices.
    total
        Points of the whole version.
    """

    changed: dict[Name, list[Point]]
    total: int


class Publications:
    """Knows what is published and writes new versions; its user holds the lock.

    Parameters
    ----------
    versions_min, points_max
        Versions kept at least, and points of one version at most.
    """

    def __init__(self, store: Store, *, versions_min: int, points_max: int) -> None:
        self._store = store
        self._versions_min = versions_min
        self._points_max = points_max
        self.version = 0
        self._digests: dict[Name, tuple[bytes, int]] = {}

    def sync(self) -> None:
        """Read what is published, unless it is known."""
        version = int(self._store.query("cost/price_book_version")[0]["book_version"])
        if version == self.version:
            return
        found: dict[Name, list[Point]] = {}
        for row in self._store.query("cost/price_points", {"book_version": version}):
            one = points.point(row)
            found.setdefault(one.name, []).append(one)
        self._digests = {name: _digest(held) for name, held in found.items()}
        self.version = version

    @property
    def names(self) -> int:
        """How many names are published."""
        return len(self._digests)

    def plan(
        self,
        book: Book,
        sighted: Iterable[tuple[str, str]] = (),
        since: Iterable[Price] | None = None,
    ) -> Plan:
        """Resolve names and compare with what is published.

        Parameters
        ----------
        sighted
            Provider and model of what telemetry carried, besides what the book spells out.
        since
            The rows that are new to the book; left out, every name is resolved.

        Raises
        ------
        InvalidInputError
            When the version would have more points than allowed.
        """
        seen = frozenset(sighted)
        touched = None if since is None else _touched(since)
        names = dict.fromkeys(_names(book, seen, self._digests, touched))
        resolver = Resolver(book)
        changed: dict[Name, list[Point]] = {}
        total = sum(count for _, count in self._digests.values())
        for name in names:
            if touched and name[1:] not in seen and not touched.name(name):
                continue
            found = resolver.points(name)
            before = self._digests.get(name, _NOTHING)
            if (_digest(found) if found else _NOTHING) != before:
                changed[name] = found
                total += len(found) - before[1]
        if total > self._points_max:
            raise InvalidInputError(
                f"The price book would have {total} published prices and may have "
                f"{self._points_max}: narrow the tenants' patterns, or raise "
                "ANSWERABLE_PRICE_POINTS_MAX.",
                field="model",
            )
        return Plan(changed, total)

    def write(self, plan: Plan, change: Change, now_ns: int) -> int:
        """Publish a plan as a new version and give its number; nothing changed, nothing written."""
        if not plan.changed:
            return self.version
        version = int(self._store.query("cost/price_book_next_version")[0]["book_version"])
        rows = [
            {"book_version": version, **point.row()}
            for found in plan.changed.values()
            for point in found
        ]
        self._store.insert("price_points", rows)
        self._copy(version, plan)
        self._store.insert(
            "price_books",
            [
                {
                    "book_version": version,
                    "published_at": now_ns,
                    "points": plan.total,
                    "change_id": change.change_id,
                    "actor": change.actor,
                    "approver": change.approver,
                    "reason": change.reason,
                }
            ],
        )
        self._store.execute("cost/reload_prices")
        for name, found in plan.changed.items():
            self._digests.pop(name, None)
            if found:
                self._digests[name] = _digest(found)
        self.version = version
        return version

    def drop_old(self) -> list[int]:
        """Drop the points of versions that nothing needs any more; give their numbers."""
        rows = self._store.query("cost/price_books_kept", {"versions_min": self._versions_min})
        old = [int(row["book_version"]) for row in rows]
        for version in old:
            self._store.execute("cost/drop_price_points", {"book_version": version})
        return old

    def _copy(self, version: int, plan: Plan) -> None:
        """Take over what did not change; the names that did have their points in place."""
        removed = [name for name, found in plan.changed.items() if not found]
        if len(removed) > REMOVED_BOUND:
            rows = self._store.query("cost/price_points", {"book_version": self.version})
            kept = [row for row in rows if points.point(row).name not in plan.changed]
            self._store.insert("price_points", [{"book_version": version, **row} for row in kept])
            return
        columns = ("tenants", "providers", "models")
        parameters: dict[str, int | list[str]] = {
            column: [name[at] for name in removed] for at, column in enumerate(columns)
        }
        versions = {"book_version": version, "from_version": self.version}
        self._store.execute("cost/copy_price_points", {**parameters, **versions})


class _Touched:
    """Tells which names rows may speak for."""

    def __init__(self, rows: set[tuple[str, str, str]]) -> None:
        self._rows = rows

    def tenant(self, tenant: str) -> bool:
        """Whether any name of a tenant may be."""
        return any(row[0] in {"", tenant} for row in self._rows)

    def name(self, name: Name) -> bool:
        """Whether a name may be."""
        reach = _reach(name[1])
        return any(
            tenant in {"", name[0]} and provider in reach and pattern(model).matches(name[2])
            for tenant, provider, model in self._rows
        )


def _touched(since: Iterable[Price]) -> _Touched | None:
    """Give what tells; None where looking is no cheaper than resolving everything."""
    rows = {(row.tenant, row.provider, row.model) for row in since}
    return _Touched(rows) if len(rows) <= PATTERNS_LOOKED_UP else None


def _names(
    book: Book,
    sighted: Iterable[tuple[str, str]],
    published: Iterable[Name],
    touched: _Touched | None,
) -> Iterator[Name]:
    """Give every name to publish, for everybody and for tenants with a contract.

    Those are the names the book spells out or begins, as gpt-5 for gpt-5*, those telemetry carried,
    and what is published.
    """
    listed = {("", ""), *sighted}
    for group in book.groups:
        named = pattern(group.model).likely
        for spelling in providers.spellings(group.provider):
            listed.update((spelling, model) for model in named)
    listed |= {(provider, model) for tenant, provider, model in published if not tenant}
    ordered = sorted(name for name in listed if name[0] != providers.ANY)
    for provider, model in ordered:
        yield "", provider, model
    yield from published
    for tenant, recorded in sorted(book.contracts.items()):
        if touched and not touched.tenant(tenant) and not sighted:
            continue
        for provider, model in ordered:
            if not recorded.isdisjoint(_reach(provider)):
                yield tenant, provider, model


@lru_cache(maxsize=PROVIDERS_MAX)
def _reach(provider: str) -> frozenset[str]:
    """Whose rows may ever speak for a provider's models."""
    inferred = () if provider else providers.DEVELOPERS
    return frozenset((*providers.direct(provider), *providers.fallbacks(provider), *inferred))


def _digest(found: list[Point]) -> tuple[bytes, int]:
    ordered = sorted(found, key=lambda point: point[:7])
    text = repr([point[3:] for point in ordered])
    return blake2b(text.encode(), digest_size=16).digest(), len(found)
