"""Money in human units, and how much of it is known; pure functions.

Money is a decimal text, as the API writes it. It never becomes a float on its way to a text.
"""

from __future__ import annotations

from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

from dashboards.formatters import ABSENT, count
from dashboards.theme import GREEN, GREY, ORANGE, VERMILLION

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from dashboards.cost_contract import Money

#: Stands where usage has no price: that is not 0.
UNPRICED = "not priced"

_CENT = Decimal("0.01")
_MILLION = 1_000_000
#: Digits that say something of an amount below 1.
_DIGITS = 4
_SMALLEST = Decimal("0.00000001")

#: From this share on a sum is nearly whole.
_NEARLY = Decimal("0.98")


def amount(text: str | Decimal | None) -> str:
    """Write an amount without its currency: `1,234.57`, `0.004123`, `12.35 M`."""
    if text is None:
        return UNPRICED
    value = Decimal(text)
    if value < 0:
        return f"-{amount(-value)}"
    if value >= _MILLION:
        return f"{value / _MILLION:,.2f} M"
    if value >= 1 or not value:
        return f"{value.quantize(_CENT, ROUND_HALF_EVEN):,f}"
    if value < _SMALLEST:
        return f"< {_SMALLEST:f}"
    places = Decimal(1).scaleb(value.adjusted() - _DIGITS + 1)
    short = f"{value.quantize(places, ROUND_HALF_EVEN):f}".rstrip("0")
    whole, _, digits = short.partition(".")
    return f"{whole}.{digits:0<2}"


def money(text: str | Decimal | None, currency: str | None) -> str:
    """Write an amount with its currency: `1,234.57 USD`."""
    shown = amount(text)
    return shown if text is None or not currency else f"{shown} {currency}"


def change(text: str | Decimal, currency: str | None) -> str:
    """Write an amount with its sign: `+3.20 USD`."""
    shown = money(text, currency)
    return f"+{shown}" if Decimal(text) > 0 else shown


def coverage(share: str | Decimal | None) -> str:
    """Write how much of what needs a price has one, rounded down: `98.2 % priced`."""
    if share is None:
        return "nothing to price"
    value = Decimal(share)
    if value >= 1:
        return "100 % priced"
    if 0 < value < Decimal("0.001"):
        return "< 0.1 % priced"
    if not value:
        return "0 % priced"
    percent = (value * 100).quantize(Decimal("0.1"), ROUND_FLOOR)
    return f"{percent:f} % priced"


def coverage_colour(share: str | Decimal | None) -> str:
    """Choose the colour of a coverage; the text says the same."""
    if share is None:
        return GREY
    value = Decimal(share)
    if value >= 1:
        return GREEN
    return ORANGE if value >= _NEARLY else VERMILLION


def exact(text: str) -> Decimal:
    """Read an amount."""
    return Decimal(text)


def percent(part: str | Decimal, whole: str | Decimal) -> str:
    """Write a part of a whole in per cent, or that there is no whole."""
    of = Decimal(whole)
    return f"{Decimal(part) / of * 100:.1f} %" if of else ABSENT


def quantity(text: str | Decimal) -> str:
    """Write a quantity short, as counts are: `18 k`, `0.42`."""
    value = Decimal(text)
    if value == value.to_integral_value() or abs(value) >= 100:
        return count(float(value))
    return f"{float(value):.4g}"


def covered(rows: Iterable[Money | dict[str, Any]]) -> str | None:
    """Work out the coverage of several sums together, rounded down to six places."""
    events = unpriced = 0
    for row in rows:
        events += row["events"]
        unpriced += row["unpriced"]
    if events <= 0:
        return None
    share = min(Decimal(1), max(Decimal(0), 1 - Decimal(unpriced) / events))
    return f"{share.quantize(Decimal('0.000001'), ROUND_FLOOR):f}"


def by_currency(totals: Iterable[Money | dict[str, Any]]) -> list[str]:
    """List the currencies of some sums, in order of appearance; what has no price names none."""
    return list(dict.fromkeys(str(one["currency"]) for one in totals if one["currency"]))
