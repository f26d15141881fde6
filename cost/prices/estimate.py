"""Estimates: the price a call would have, from published prices held in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import structlog

from cost.prices import points
from cost.prices.keeper import Keeper
from cost.prices.providers import reported
from cost.prices.resolution import Resolver
from sql.errors import StoreError
from web.window import SECOND_NS

if TYPE_CHECKING:
    from cost.parts import CostParts
    from cost.prices.points import Name, Point

_logger = structlog.get_logger(__name__)


#: Points of one name: tenant, meter and tier to what holds over time.
_Held = dict[tuple[str, str, str], list["Point"]]


@dataclass(frozen=True, slots=True)
class Found:
    """The price of one unit of a meter.

    Parameters
    ----------
    amount, list_amount
        For one unit, with and without the tenant's contract.
    rule
        How the price came about, in words.
    """

    amount: Decimal
    list_amount: Decimal
    currency: str
    price_id: str
    rule: str
    book_version: int


class Estimator:
    """Answers what a unit costs in microseconds; safe to share between threads.

    Prices of a name are read at its first use and held, at most `estimate_names_max` names. A name
    that no span has carried yet may not be published; it is resolved from the book in memory.
    A newer book is noticed within `estimate_refresh_s`; a store that is away changes nothing.
    """

    def __init__(self, parts: CostParts) -> None:
        self._store = parts.store
        self._clock = parts.clock
        self._refresh_ns = round(parts.settings.estimate_refresh_s * SECOND_NS)
        self._names_max = parts.settings.estimate_names_max
        self._guard = threading.Lock()
        self._held: OrderedDict[Name, _Held] = OrderedDict()
        self._keeper = Keeper.of(parts)
        self._book = self._keeper.snapshot
        self._version = 0
        self._looked_ns: int | None = None

    def price(
        self,
        tenant: str,
        provider: str,
        model: str,
        meter: str,
        tier: str,
        at_ns: int,
        context_tokens: int = 0,
    ) -> Found | None:
        """Find the price of one unit, as a span of these words would be priced; None: it has none.

        Parameters
        ----------
        provider, model, tier
            As telemetry has them, in either case.
        context_tokens
            Size of the whole input, which selects the step of a stepped price.

        Raises
        ------
        StoreError
            When the name is not held and the store cannot be read.
        """
        self._notice()
        held = self._points((tenant, reported(provider).lower(), model.lower()))
        tier = points.tier_of(tier)
        found = None
        for holder in dict.fromkeys((tenant, "")):
            found = found or points.at(held.get((holder, meter, tier), ()), at_ns)
        if found is None:
            return None
        step = found.step(context_tokens)
        return Found(
            found.amounts[step],
            found.list_amounts[step],
            found.currency,
            found.price_ids[step],
            found.rules[step],
            self._version,
        )

    def _notice(self) -> None:
        """Let go of what is held once a newer book is published."""
        now = self._clock()
        with self._guard:
            if self._looked_ns is not None and now - self._looked_ns < self._refresh_ns:
                return
            self._looked_ns = now
        try:
            version = int(self._store.query("cost/price_book_version")[0]["book_version"])
        except StoreError as error:
            _logger.warning("price_book_not_read", error=error.detail)
            return
        with self._guard:
            book = self._keeper.snapshot
            if version != self._version or book is not self._book:
                self._version, self._book = version, book
                self._held.clear()

    def _points(self, name: Name) -> _Held:
        with self._guard:
            held = self._held.get(name)
            if held is not None:
                self._held.move_to_end(name)
                return held
            version = self._version
        read = self._read(name)
        with self._guard:
            if version == self._version:
                self._held[name] = read
                if len(self._held) > self._names_max:
                    self._held.popitem(last=False)
        return read

    def _read(self, name: Name) -> _Held:
        parameters = dict(zip(("tenant", "provider", "model"), name, strict=True))
        found = [points.point(row) for row in self._store.query("cost/price_points_of", parameters)]
        if not found and self._book.prices:
            resolver, (tenant, *model) = Resolver(self._book), name
            for holder in dict.fromkeys((tenant, "")):
                found += resolver.points((holder, model[0], model[1]))
        read: _Held = {}
        for one in found:
            read.setdefault((one.tenant, one.meter, one.service_tier), []).append(one)
        return read
