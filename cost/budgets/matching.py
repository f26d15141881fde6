"""Which budgets the money of telemetry belongs to."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from cost.budgets.calls import Call, Money
from cost.budgets.money import nano
from cost.budgets.windows import SLOT_NS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from decimal import Decimal

    from cost.budgets.book import Book
    from cost.budgets.definition import Budget
    from cost.budgets.pricing import Exchange


class Sorter:
    """Adds up charges by budget and slot, converted to each budget's currency."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.sums: dict[tuple[str, int], int] = defaultdict(int)
        self.unconverted: dict[tuple[str, str], int] = defaultdict(int)

    def add(self, budget: Budget, slot: int, cost: Decimal, currency: str) -> int:
        """Add a charge; what has no rate is set aside. Returns what was added."""
        at_ns = slot * SLOT_NS
        worth = self._exchange.convert(Money(cost, currency), budget.currency, at_ns)
        if worth is None:
            self.unconverted[budget.key, currency] += nano(cost)
            return 0
        amount = nano(worth)
        self.sums[budget.key, slot] += amount
        return amount


def budgets_of(row: Mapping[str, Any], book: Book, seeded: Collection[str]) -> list[Budget]:
    """List the budgets a row of charges counts in.

    Telemetry does not say which key a call came with, so budgets of a key count reservations only.
    """
    call = Call(
        tenant=row["tenant"],
        project=row["project"],
        user=row["spender"],
        feature=row["product_feature"],
        provider=row["provider"],
        model=row["model"],
    )
    return [budget for budget in book.matching(call) if budget.key in seeded]
