"""FOCUS files of versions 1.0 to 1.4, whoever wrote them: CSV fields or Parquet values.

The model is found in `x_Model` or in SkuPriceDetails (ModelId), the meter in `x_Meter` or by the
SkuMeter names that docs/focus.md lists. A row without them is kept and matches nothing.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson

from cost.focus import labels
from cost.invoices.lines import Line, raw_text, tier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cost.invoices.lines import Place

Row = dict[str, Any]

COLUMNS = frozenset({"BilledCost", "BillingCurrency", "ChargePeriodStart", "ChargePeriodEnd"})

#: Units a quantity of tokens may be priced in.
_TOKENS_OF = {"tokens": 1, "1000 tokens": 1000, "1000000 tokens": 1_000_000}


def row_lines(row: Row, place: Place) -> Iterator[Line]:
    """Read one row."""
    details = _details(row, place)
    is_usage = _text(row, "ChargeCategory") in {"", "Usage"}
    meter = _meter(row) if is_usage else ""
    quantity, unit = _quantity(row, place) if meter else (None, "")
    yield Line(
        day=_day(row, place, whole=bool(meter)),
        provider=_provider(row),
        model=_text(row, "x_Model") or _detail(details, "ModelId"),
        meter=meter,
        unit=unit,
        quantity=quantity,
        amount=place.amount("BilledCost", row.get("BilledCost")),
        currency=place.currency("BillingCurrency", row.get("BillingCurrency")),
        service_tier=tier(_text(row, "x_ServiceTier") or _detail(details, "ServiceTier") or None),
        scope=place.text("SubAccountId", row.get("SubAccountId")),
        description=place.text("ChargeDescription", row.get("ChargeDescription")),
        raw=raw_text({name: value for name, value in row.items() if value not in {None, ""}}),
    )


def _day(row: Row, place: Place, *, whole: bool) -> date:
    start, end = row.get("ChargePeriodStart"), row.get("ChargePeriodEnd")
    if whole:
        return place.one_day(("ChargePeriodStart", start), ("ChargePeriodEnd", end))
    return place.day("ChargePeriodStart", start)


def _provider(row: Row) -> str:
    named = _text(row, "x_Provider")
    if named:
        return named.lower()
    seller = _text(row, "ServiceProviderName") or _text(row, "ProviderName")
    service = _text(row, "ServiceName")
    for provider, known in labels.SELLERS.items():
        if (known.name.lower(), known.service.lower()) == (seller.lower(), service.lower()):
            return provider
    for provider, known in labels.SELLERS.items():
        if known.name.lower() == seller.lower():
            return provider
    return seller.lower()


def _meter(row: Row) -> str:
    return _text(row, "x_Meter") or labels.meter_named(_text(row, "SkuMeter"))


def _quantity(row: Row, place: Place) -> tuple[Decimal | None, str]:
    signed = _text(row, "ChargeClass") == "Correction"
    unit = _text(row, "ConsumedUnit").lower()
    if row.get("ConsumedQuantity") not in {None, ""}:
        consumed = place.quantity("ConsumedQuantity", row["ConsumedQuantity"], signed=signed)
        return consumed * _TOKENS_OF.get(unit, 1), "tokens" if unit in _TOKENS_OF else unit
    priced = _TOKENS_OF.get(_text(row, "PricingUnit").lower())
    if priced and row.get("PricingQuantity") not in {None, ""}:
        quantity = place.amount("PricingQuantity", row["PricingQuantity"]) * priced
        return place.quantity("PricingQuantity", quantity, signed=signed), "tokens"
    return None, ""


def _details(row: Row, place: Place) -> dict[str, Any]:
    text = _text(row, "SkuPriceDetails")
    if not text:
        return {}
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise place.wrong("SkuPriceDetails", text, "it is a JSON object")
    return found


def _detail(details: dict[str, Any], key: str) -> str:
    found = details.get(key) or details.get(f"x_{key}")
    return found if isinstance(found, str) else ""


def _text(row: Row, name: str) -> str:
    value = row.get(name)
    if value is None or isinstance(value, datetime | date | Decimal):
        return ""
    return str(value).strip()
