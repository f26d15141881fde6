"""Prices as people write them, checked and turned into rows of the book."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from cost import patterns
from cost.prices import meters, providers
from cost.prices.currencies import currency
from cost.prices.ladders import rounded
from cost.prices.points import FOREVER_NS, tier_of
from cost.prices.price import IMPORTED, Price
from sql.errors import InvalidInputError
from web import window

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = ("price", "factor", "withdrawn")
AMOUNT_MAX = Decimal(10) ** 12
FACTOR_MAX = Decimal(1000)
TEXT_CHARS_MAX = 1000
#: Largest input a step can start above.
ABOVE_MAX = 10**12

_NAMED_PER = {"": 1, "unit": 1, "thousand": 10**3, "k": 10**3, "million": 10**6, "m": 10**6}

#: What a price may say, and nothing else.
FIELDS = (
    "tenant",
    "provider",
    "model",
    "meter",
    "service_tier",
    "above",
    "valid_from",
    "valid_to",
    "kind",
    "amount",
    "per",
    "currency",
    "discount_percent",
    "source",
    "source_url",
)


def price(values: Mapping[str, Any], now_ns: int, *, source: str = "manual") -> Price:
    """Read one price.

    Parameters
    ----------
    values
        Texts or numbers by the names in FIELDS; an empty one counts as left out.
    now_ns
        What times relative to now are relative to.
    source
        Where it comes from, unless it says so.

    Raises
    ------
    InvalidInputError
        Names the field at fault, its value and what to write.
    """
    unknown = sorted(set(values) - set(FIELDS))
    if unknown:
        raise _wrong(unknown[0], f"{unknown[0]!r} is no field of a price; use {', '.join(FIELDS)}.")
    given = {name: _text(name, value) for name, value in values.items()}
    kind = _kind(given)
    meter = _meter(given.get("meter", ""), kind)
    valid_from, valid_to = _times(given, now_ns)
    return Price(
        tenant=given.get("tenant", ""),
        provider=_provider(given.get("provider", "")),
        model=_model(given.get("model", "")),
        meter=meter,
        service_tier=_tier(given, kind),
        above=_above(given.get("above", ""), kind),
        valid_from=valid_from,
        valid_to=valid_to,
        kind=kind,
        amount=_amount(given, kind),
        currency=currency(given.get("currency", "")) if kind == "price" else "",
        unit=meters.unit(meter),
        source=_source(given.get("source") or source),
        source_url=given.get("source_url", ""),
    )


def standard(tier: str) -> str:
    """Give a service tier as charges name it: empty for the standard one."""
    return tier_of(tier.strip())


def _text(name: str, value: Any) -> str:
    if value is None:
        return ""
    text = str(value).strip()
    if len(text) > TEXT_CHARS_MAX:
        raise _wrong(name, f"{name} is longer than {TEXT_CHARS_MAX} characters.")
    return text


def _kind(given: Mapping[str, str]) -> Any:
    kind = given.get("kind", "") or ("factor" if given.get("discount_percent") else "price")
    if kind not in KINDS:
        raise _wrong("kind", f"kind is {kind!r}; use {', '.join(KINDS)}.")
    return kind


def _provider(text: str) -> str:
    if not text:
        raise _wrong("provider", "provider is empty; name one, as openai, or write * for any.")
    return providers.recorded(text)


def _model(text: str) -> str:
    if not text:
        raise _wrong("model", "model is empty; name one, as gpt-5-mini, or write * for any.")
    return patterns.canonical(text)


def _meter(text: str, kind: str) -> str:
    if text == meters.ANY:
        if kind == "factor":
            return text
        raise _wrong("meter", "meter is *, which only a factor may have; name the meter.")
    return meters.meter(text)


def _tier(given: Mapping[str, str], kind: str) -> str:
    tier = standard(given.get("service_tier", ""))
    if kind == "factor" and not tier and not given.get("tenant"):
        raise _wrong(
            "service_tier",
            "a factor of the list needs a service_tier, as batch: without one it would multiply "
            "the list price with itself. For a discount, name the tenant.",
        )
    return tier


def _above(text: str, kind: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit()) or int(text) > ABOVE_MAX:
        raise _wrong("above", f"above is {text!r}; use a whole number of tokens from 0 on.")
    if int(text) and kind == "factor":
        raise _wrong("above", f"above is {text}, and a factor holds for every size; leave it out.")
    return int(text)


def _times(given: Mapping[str, str], now_ns: int) -> tuple[int, int]:
    """Read times; one without an offset is UTC, and a day is its first moment."""
    start, end = given.get("valid_from", ""), given.get("valid_to", "")
    valid_from = window.instant(start, now_ns, "valid_from") if start else 0
    valid_to = window.instant(end, now_ns, "valid_to") if end else FOREVER_NS
    if valid_to <= valid_from:
        raise _wrong(
            "valid_to",
            f"valid_to ({end}) must be later than valid_from ({start or 'the beginning'}); "
            "the end itself is not included.",
        )
    return valid_from, valid_to


def _amount(given: Mapping[str, str], kind: str) -> Decimal:
    if kind == "withdrawn":
        return Decimal(0)
    percent, text = given.get("discount_percent", ""), given.get("amount", "")
    if percent:
        if text or kind != "factor":
            raise _wrong("discount_percent", "discount_percent stands in place of an amount.")
        off = number("discount_percent", percent, Decimal(100))
        return rounded(1 - off / 100)
    if kind == "factor":
        if given.get("per"):
            raise _wrong("per", "per is for prices; a factor is a plain number, as 0.5.")
        return rounded(number("amount", text, FACTOR_MAX))
    value = number("amount", text, AMOUNT_MAX)
    amount = rounded(value / _per(given.get("per", "")))
    if value and not amount:
        raise _wrong("amount", f"amount is {text}, less than 18 decimal places of a unit can say.")
    return amount


def number(name: str, text: str, largest: Decimal) -> Decimal:
    """Read a decimal number from 0 to a largest one; an error names the field."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise _wrong(name, f"{name} is {text!r}; write a decimal number, as 0.25.")
    if not 0 <= value <= largest:
        raise _wrong(name, f"{name} is {text}; use a number from 0 to {largest:f}.")
    return value


def _per(text: str) -> int:
    digits = text.replace("_", "").replace(",", "").lower()
    if digits in _NAMED_PER:
        return _NAMED_PER[digits]
    if not (digits.isascii() and digits.isdigit()) or not 0 < int(digits) <= 10**12:
        raise _wrong("per", f"per is {text!r}; write the number of units, as 1000000 or million.")
    return int(digits)


def _source(text: str) -> str:
    if text.startswith(IMPORTED):
        raise _wrong(
            "source",
            f"source is {text!r}, which marks imported rows; yours need another name.",
        )
    return text


def _wrong(field: str, detail: str) -> InvalidInputError:
    return InvalidInputError(detail, field=field)
