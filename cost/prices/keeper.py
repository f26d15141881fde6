"""The keeper of the price book: one in a process, who reads, records and publishes in turn."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, NamedTuple
from weakref import WeakValueDictionary

import structlog

from cost.prices import bundled, checks
from cost.prices.book import Book
from cost.prices.difference import difference
from cost.prices.price import read
from cost.prices.publication import Change, Publications
from sql.errors import InvalidInputError
from sql.records import FAR_FUTURE_NS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cost.parts import CostParts
    from cost.prices.bundled import PriceList
    from cost.prices.difference import Difference
    from cost.prices.price import Price
    from cost.prices.publication import Plan
    from sql.client import Store

_logger = structlog.get_logger(__name__)


class Recorded(NamedTuple):
    """What a change did, or in a dry run would do.

    Parameters
    ----------
    book_version
        The published version now in force.
    names_changed
        Models, each for a tenant or for everybody, that have another price now.
    """

    change: Change
    prices: list[Price]
    book_version: int
    names_changed: int


class Imported(NamedTuple):
    """What an import of the bundled list did, or would do."""

    listed: PriceList
    difference: Difference
    recorded: Recorded


class Keeper:
    """Keeps the price book of one store; get it with `Keeper.of`."""

    _kept: ClassVar[WeakValueDictionary[Store, Keeper]] = WeakValueDictionary()
    _making: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, parts: CostParts) -> None:
        self._store = parts.store
        self._clock = parts.clock
        self._ids = parts.ids
        self._settings = parts.settings
        self._lock = threading.RLock()
        self._book = Book(())
        self._seen = (0, 0)
        #: The book that was last published whole, or brought up to by changes.
        self._published: Book | None = None
        #: Providers and models that telemetry carried and that had no price.
        self._unpriced: dict[tuple[str, str], None] = {}
        self._publications = Publications(
            parts.store,
            versions_min=parts.settings.price_versions_min,
            points_max=parts.settings.price_points_max,
        )

    @classmethod
    def of(cls, parts: CostParts) -> Keeper:
        """Give the keeper of a store: everybody in the process shares it."""
        with cls._making:
            keeper = cls._kept.get(parts.store)
            if keeper is None:
                keeper = cls._kept[parts.store] = cls(parts)
            return keeper

    def book(self, known_ns: int | None = None) -> Book:
        """Give the book as it is, or as it was known at a time in UTC nanoseconds."""
        with self._lock:
            self._sync()
            book = self._book
        if known_ns is None or known_ns >= self._seen[1]:
            return book
        return Book(price for price in book.prices if price.recorded_at <= known_ns)

    @property
    def snapshot(self) -> Book:
        """The book as it was last read; never waits, be it for the store or for a publication."""
        return self._book

    def change(self, actor: str, approver: str = "", reason: str = "") -> Change:
        """Begin a change: who, approved by whom, why."""
        return Change(self._ids(), actor, approver, reason)

    def record(
        self,
        prices: Sequence[Price],
        change: Change,
        *,
        labels: Sequence[str] = (),
        dry_run: bool = False,
    ) -> Recorded:
        """Add rows and publish what they change, all or nothing.

        Parameters
        ----------
        labels
            What to call each row in an error, as "line 3".

        Raises
        ------
        InvalidInputError
            When rows contradict each other, or the book would grow too large.
        """
        checks.disjoint(prices, labels)
        with self._lock:
            self._sync()
            if len(self._book.prices) + len(prices) > self._settings.price_rows_max:
                raise InvalidInputError(
                    f"The price book would have more than {self._settings.price_rows_max} rows; "
                    "raise ANSWERABLE_PRICE_ROWS_MAX."
                )
            stamped = self._stamped(prices, change)
            book = self._book.extended(stamped)
            checks.stepped(book, stamped)
            self._publications.sync()
            since = stamped if self._is_published() else None
            plan = self._publications.plan(book, self._unpriced, since)
            if not dry_run and stamped:
                self._store.insert("prices", [price.row() for price in stamped])
                self._book = book
                self._seen = (len(book.prices), stamped[0].recorded_at)
                self._write(plan, change)
            return Recorded(change, stamped, self._publications.version, len(plan.changed))

    def import_bundled(
        self, change: Change, *, dry_run: bool = False, restate: bool = False
    ) -> Imported:
        """Record where the bundled list differs from what was imported before."""
        listed = bundled.read()
        with self._lock:
            self._sync()
            now = self._clock()
            found = difference(listed.prices, self._book, listed.source, now, restate=restate)
            recorded = self.record(found.prices, change, dry_run=dry_run)
        return Imported(listed, found, recorded)

    def publish(self, change: Change, sighted: Iterable[tuple[str, str]] = ()) -> Recorded:
        """Publish models that telemetry carried, and what else is not published yet.

        Parameters
        ----------
        sighted
            Provider and model in lower case. Those without a price are remembered until they have
            one; beyond `price_names_max` further ones are not, nor are they published.
        """
        with self._lock:
            self._sync()
            self._publications.sync()
            room = self._settings.price_names_max
            room -= max(len(self._unpriced), self._publications.names)
            fresh = [name for name in sighted if name not in self._unpriced]
            if len(fresh) > room:
                _logger.warning("models_not_priced", models=len(fresh) - room, reason="too_many")
            self._unpriced.update(dict.fromkeys(fresh[: max(0, room)]))
            since = () if self._is_published() else None
            plan = self._publications.plan(self._book, self._unpriced, since)
            self._write(plan, change)
            return Recorded(change, [], self._publications.version, len(plan.changed))

    def drop_old(self) -> list[int]:
        """Drop published versions that nothing needs any more."""
        with self._lock:
            return self._publications.drop_old()

    @property
    def needs_publishing(self) -> bool:
        """Whether rows may have been recorded that no published version has."""
        with self._lock:
            self._sync()
            return not self._is_published()

    def _write(self, plan: Plan, change: Change) -> None:
        self._publications.write(plan, change, max(self._clock(), self._seen[1]))
        self._published = self._book
        for _, provider, model in plan.changed:
            self._unpriced.pop((provider, model), None)

    def _is_published(self) -> bool:
        """Say whether the book is; after a start, whether one was since its newest row."""
        if self._published is None:
            newest = self._store.query("cost/price_book_newest")[0]["published_at"]
            if not self._book.prices or newest >= self._seen[1]:
                self._published = self._book
        return self._published is self._book

    def _sync(self) -> None:
        """Read the book, unless nothing was added to what is held."""
        row = self._store.query("cost/prices_seen")[0]
        seen = (int(row["prices"]), int(row["newest"]))
        if seen == self._seen:
            return
        limit = self._settings.price_rows_max + 1
        rows = self._store.query("cost/prices", {"known_ns": FAR_FUTURE_NS, "limit": limit})
        if len(rows) == limit:
            _logger.error("price_book_too_large", rows=seen[0], read=limit)
        self._book = Book(read(row) for row in rows)
        self._seen = seen

    def _stamped(self, prices: Iterable[Price], change: Change) -> list[Price]:
        """Say who records a row and when; no two changes are recorded at one time."""
        now = max(self._clock(), self._seen[1] + 1)
        return [
            replace(
                price,
                recorded_at=now,
                price_id=self._ids(),
                change_id=change.change_id,
                actor=change.actor,
                approver=change.approver,
                reason=change.reason,
            )
            for price in prices
        ]
