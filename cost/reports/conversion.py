"""Money of several currencies in one: at the rate of the day it was spent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import TYPE_CHECKING, Any, Protocol

from sql.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

#: Rates are used with this many places, which is what the store multiplies by.
_PLACES = Decimal(1).scaleb(-18)
_CONTEXT = Context(prec=60, rounding=ROUND_HALF_EVEN)

#: A currency and a day money of it was spent on.
Spent = tuple[str, "date"]


class Rate(Protocol):
    """What one unit of a currency was worth in another."""

    @property
    def value(self) -> Decimal:
        """The factor."""
        ...


class Rates(Protocol):
    """Exchange rates as known at one time."""

    def rate(self, currency: str, to: str, day: date) -> Rate:
        """Find the rate of a day; raises NotFoundError where there is none."""
        ...


#: Gives the rates as known at a time, in UTC nanoseconds.
RatesAt = Callable[[int], Rates]


@dataclass(frozen=True, slots=True)
class Conversion:
    """Rates into one currency.

    Parameters
    ----------
    currency
        None where everything stays in its own.
    """

    currency: str | None
    rates: Mapping[Spent, Decimal]

    @property
    def parameters(self) -> dict[str, Any]:
        """Give the rates as queries over sums take them."""
        return {
            "converts": self.currency is not None,
            "rate_keys": [f"{currency} {day.isoformat()}" for currency, day in self.rates],
            "rate_values": [*self.rates.values()],
        }


#: Every currency stays what it is.
UNCONVERTED = Conversion(None, {})


def conversion(rates: Rates, spent: Collection[Spent], quote: str) -> Conversion:
    """Find the rate of every day and currency.

    Raises
    ------
    InvalidInputError
        Where one is missing; it names the currency and the day.
    """
    return Conversion(quote, {pair: _rate(rates, pair, quote) for pair in sorted(spent)})


def _rate(rates: Rates, pair: Spent, quote: str) -> Decimal:
    currency, day = pair
    if currency == quote:
        return Decimal(1)
    try:
        return rates.rate(currency, quote, day).value.quantize(_PLACES, context=_CONTEXT)
    except NotFoundError:
        raise InvalidInputError(
            f"There is no exchange rate from {currency} to {quote} for {day.isoformat()}; record "
            "one with POST /v1/fx, or leave currency out for a sum in each.",
            field="currency",
        ) from None
