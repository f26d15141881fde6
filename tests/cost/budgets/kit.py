"""What tests of budgets share: definitions, prices, rates, and a desk that takes requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count

from cost.budgets.book import Book
from cost.budgets.calls import Actual, Call, Money, Request
from cost.budgets.definition import Budget
from cost.budgets.engine import Engine
from cost.budgets.holdings import Charges
from cost.budgets.windows import slot_of
from tests.conftest import FakeClock

#: Prices of a million tokens: input, cache_read, output.
PRICES = {"large": ("10", "1", "40"), "small": ("1", "0.1", "4"), "free": ("0", "0", "0")}
RATES = {("EUR", "USD"): Decimal("1.10"), ("USD", "EUR"): Decimal(1) / Decimal("1.10")}


def ns(*moment):
    """Give a UTC moment in nanoseconds."""
    return int(datetime(*moment, tzinfo=UTC).timestamp()) * 1_000_000_000


NOON = ns(2026, 11, 18, 12)


def definition(**changes):
    """Give a budget as clients write it: 100 USD a month for tenant `school`."""
    changed = {
        "name": "",
        "scope": {},
        "limit": "100",
        "currency": "USD",
        "window": {"kind": "calendar", "period": "month", "time_zone": "UTC"},
        "thresholds": [],
        "hard": True,
        "suspends": False,
        "unknown_price": {"policy": "deny", "cap": None},
        "per_request_cap": None,
        "reservation_ttl_s": 120,
        "default_output_tokens": 1000,
    }
    return changed | changes


def budget(budget_id="school", tenant="school", **changes):
    return Budget.from_body(tenant, budget_id, definition(**changes))


class FixedPrices:
    """Prices a few models; the one named `own` has no price."""

    def cost(self, call, usage, at_ns):
        if call.model not in PRICES:
            return None
        prices = dict(
            zip(("input", "cache_read", "output"), map(Decimal, PRICES[call.model]), strict=True)
        )
        factor = Decimal("0.5") if call.service_tier == "batch" else Decimal(1)
        total = sum(usage[meter] * prices[meter] for meter in usage) / 1_000_000
        return Money(total * factor, "USD")

    def is_ready(self, call):
        return True

    def refresh(self):
        pass


class FixedRates:
    """Knows two currencies."""

    def convert(self, money, currency, at_ns):
        if money.currency == currency:
            return money.amount
        rate = RATES.get((money.currency, currency))
        return None if rate is None else money.amount * rate

    def is_ready(self, currency, to):
        return True

    def refresh(self):
        pass


@dataclass
class Desk:
    """Takes requests for one ledger; `clock` and `book` are the test's to change."""

    ledger: object
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOON))
    numbers: count = field(default_factory=lambda: count(1))

    def __post_init__(self):
        self.book = Book(None, budgets_max=100)
        self.engine = Engine(
            self.ledger,
            self.book,
            FixedPrices(),
            FixedRates(),
            self.clock,
            ttl_default_s=60,
            ttl_max_s=3600,
        )

    def budgets(self, *budgets):
        self.book.replace(budgets)
        return self

    def ask(
        self,
        amount="1",
        *,
        name=None,
        currency="USD",
        tenant="school",
        ttl_s=None,
        trace_id="",
        span_id="",
        **call,
    ):
        """Ask for a reservation of an amount."""
        money = None if amount is None else Money(Decimal(amount), currency)
        tokens = {
            name: call.pop(name)
            for name in ("input_tokens", "cache_read_tokens", "max_output_tokens")
            if name in call
        }
        request = Request(
            reservation_id=name or f"r{next(self.numbers)}",
            call=Call(tenant, **call),
            amount=money,
            ttl_s=ttl_s,
            trace_id=trace_id,
            span_id=span_id,
            **tokens,
        )
        return self.engine.reserve(request)

    def settle(self, name, amount, *, currency="USD", tenant="school", by="client"):
        return self.engine.settle(tenant, name, Actual(Money(Decimal(amount), currency)), by=by)

    def release(self, name, *, tenant="school"):
        return self.engine.release(tenant, name)

    def totals(self, budget_id="school", tenant="school"):
        found = self.book.get(f"{tenant}\x1f{budget_id}")
        span = found.window.at(self.clock())
        return self.ledger.totals([(found.key, span.start, span.end)])[0]

    def spent(self, *name):
        return Decimal(self.totals(*name).spent) / 1_000_000_000

    def held(self, *name):
        return Decimal(self.totals(*name).held) / 1_000_000_000

    def charge(self, amount, *, key="school\x1fschool", trace=None, at_ns=None, step=1):
        """Book charges as telemetry does."""
        nanos = int(Decimal(amount) * 1_000_000_000)
        slot = slot_of(self.clock() if at_ns is None else at_ns)
        traced = [("school", trace, key, nanos)] if trace else []
        mark = self.ledger.watermark()
        keys = frozenset(self.ledger.seeds())
        return self.ledger.charge(
            Charges(mark, mark + step, [(key, slot, nanos)], traced, keys=keys)
        )
