"""The two things budgets ask of the price book: what a call may cost, and an exchange rate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from cost.budgets.calls import Call, Money


class Estimator(Protocol):
    """Prices usage by the book."""

    def cost(self, call: Call, usage: Mapping[str, int], at_ns: int) -> Money | None:
        """Price usage of a call's model; None where no price is known, which is not 0."""
        ...

    def is_ready(self, call: Call) -> bool:
        """Whether `cost` of this call answers without reading the store."""
        ...

    def refresh(self) -> None:
        """Read again what was asked for lately; blocking."""
        ...


class Exchange(Protocol):
    """Converts money."""

    def convert(self, money: Money, currency: str, at_ns: int) -> Decimal | None:
        """Give an amount in another currency at the rate of a day; None where there is none."""
        ...

    def is_ready(self, currency: str, to: str) -> bool:
        """Whether `convert` of this pair answers without reading the store."""
        ...

    def refresh(self) -> None:
        """Read again what was asked for lately; blocking."""
        ...
