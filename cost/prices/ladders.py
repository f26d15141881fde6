"""Ladders: the price of a unit by the size of the input, and what is made of one."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cost.prices.price import Price

_EXACT = Context(prec=76, rounding=ROUND_HALF_EVEN)
SCALE = Decimal(1).scaleb(-18)


class Step(NamedTuple):
    """What holds for inputs larger than `above`.

    Parameters
    ----------
    price_id
        Identifier of the row; of a product, those of its factors joined by `*`.
    rule
        How the amount came about, in words.
    """

    above: int
    amount: Decimal
    price_id: str
    rule: str


class Ladder(NamedTuple):
    """Steps in one currency, ascending from 0."""

    currency: str
    steps: tuple[Step, ...]

    def step(self, above: int) -> Step:
        """Give the step that holds just above a size."""
        return next(step for step in reversed(self.steps) if step.above <= above)

    def scaled(self, factor: Price, rule: str) -> Ladder:
        """Multiply every step; amounts are rounded half to even to 18 places."""
        return Ladder(
            self.currency,
            tuple(
                Step(
                    step.above,
                    rounded(_EXACT.multiply(step.amount, factor.amount)),
                    f"{step.price_id}*{factor.price_id}",
                    f"{rule} {factor.amount.normalize():f} x {step.rule}",
                )
                for step in self.steps
            ),
        )

    def noted(self, note: str) -> Ladder:
        """Say something more about every step."""
        steps = (step._replace(rule=f"{step.rule}; {note}") for step in self.steps)
        return Ladder(self.currency, tuple(steps))


def ladder(prices: Iterable[Price], who: str) -> Ladder | None:
    """Make a ladder of the rows of one meter and tier; None without a step above 0.

    Steps in another currency than the first are no part of it; recording refuses such.
    """
    ordered = sorted(prices, key=lambda price: price.above)
    if not ordered or ordered[0].above != 0:
        return None
    currency = ordered[0].currency
    return Ladder(
        currency,
        tuple(
            Step(
                price.above,
                price.amount,
                price.price_id,
                f"{who} price" + (f" above {price.above} tokens" if price.above else ""),
            )
            for price in ordered
            if price.currency == currency
        ),
    )


def rounded(amount: Decimal) -> Decimal:
    """Round an amount as the book keeps it."""
    return amount.quantize(SCALE, context=_EXACT)
