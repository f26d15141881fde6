"""Prices and rates for the path of every call: held in memory, read again by a job."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from cost.budgets.calls import Money
from cost.budgets.windows import SECOND_NS
from cost.prices.estimate import Estimator as PriceBook
from cost.prices.rates import RateMissingError, Rates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cost.budgets.calls import Call
    from cost.parts import CostParts

#: Meters that cost nothing where the book has no price for them.
_FREE = frozenset({"requests"})

_Name = tuple[str, str, str]


class BookPrices:
    """Implements `cost.budgets.pricing.Estimator` over the price book.

    The book's own estimator looks for a newer book by itself, at whatever call comes. Here a job
    does, makes another estimator and fills it with the names in use, so that no call waits.
    """

    def __init__(self, parts: CostParts) -> None:
        self._parts = parts
        self._guard = threading.Lock()
        self._names: OrderedDict[_Name, None] = OrderedDict()
        self._version = -1
        self._made_ns = parts.clock()
        self._prices = self._book()

    def cost(self, call: Call, usage: Mapping[str, int], at_ns: int) -> Money | None:
        """Price usage of a call's model."""
        context = usage.get("input", 0) + usage.get("cache_read", 0) + usage.get("cache_write", 0)
        total, currency = Decimal(0), ""
        for meter, quantity in {"requests": 1, **usage}.items():
            # Input is always looked up: a model without its price is unknown, even for nothing.
            if not quantity and meter != "input":
                continue
            price = self._prices.price(
                call.tenant, call.provider, call.model, meter, call.service_tier, at_ns, context
            )
            if price is None and meter in _FREE:
                continue
            if price is None or (currency and price.currency != currency):
                return None
            currency = price.currency
            total += quantity * price.amount
        self._remember((call.tenant, call.provider, call.model))
        return Money(total, currency) if currency else None

    def is_ready(self, call: Call) -> bool:
        """Whether the prices of a call's model are held."""
        return (call.tenant, call.provider, call.model) in self._names

    def refresh(self) -> None:
        """Read the prices in use again where another book was published."""
        version = int(self._parts.store.query("cost/price_book_version")[0]["book_version"])
        if version == self._version:
            return
        self._made_ns = self._parts.clock()
        fresh = self._book()
        for tenant, provider, model in [*self._names]:
            fresh.price(tenant, provider, model, "input", "", self._made_ns)
        self._prices, self._version = fresh, version

    def _book(self) -> PriceBook:
        # On a clock that stands still it never looks for a newer book.
        made_ns = self._made_ns
        return PriceBook(replace(self._parts, clock=lambda: made_ns))

    def _remember(self, name: _Name) -> None:
        with self._guard:
            self._names[name] = None
            self._names.move_to_end(name)
            if len(self._names) > self._parts.settings.estimate_names_max:
                self._names.popitem(last=False)


class DayRates:
    """Implements `cost.budgets.pricing.Exchange` over the recorded rates."""

    def __init__(self, parts: CostParts) -> None:
        self._store = parts.store
        self._clock = parts.clock
        self._rates = Rates(parts.store)
        self._pairs: set[tuple[str, str]] = set()

    def convert(self, money: Money, currency: str, at_ns: int) -> Decimal | None:
        """Give an amount in another currency."""
        if money.currency == currency:
            return money.amount
        self._pairs.add((money.currency, currency))
        day = datetime.fromtimestamp(at_ns // SECOND_NS, UTC).date()
        try:
            return self._rates.convert(money.amount, money.currency, currency, day)
        except RateMissingError:
            return None

    def is_ready(self, currency: str, to: str) -> bool:
        """Whether the rates of a pair are held."""
        return currency == to or (currency, to) in self._pairs

    def refresh(self) -> None:
        """Read the rates in use again."""
        fresh = Rates(self._store)
        day = datetime.fromtimestamp(self._clock() // SECOND_NS, UTC).date()
        for currency, to in [*self._pairs]:
            try:
                fresh.convert(Decimal(1), currency, to, day)
            except RateMissingError:
                continue
        self._rates = fresh
