"""Rows of a FOCUS file: what each column holds for one charge.

Cost columns may not be null, so use without a price has no row; the summary of an export counts it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import TYPE_CHECKING, Any

import orjson

from cost.focus import labels
from cost.focus.charges import SHORTFALL

if TYPE_CHECKING:
    from cost.focus.charges import Charge, Sku

Row = dict[str, Any]

#: Quotients are exact to here, then rounded to what a Decimal(38, 18) holds.
_WIDE = Context(prec=76, rounding=ROUND_HALF_EVEN)
_UNIT_PRICE = Decimal(1).scaleb(-18)
_SHARE = Decimal(1).scaleb(-9)

_DAY = timedelta(days=1)

#: Keys of SkuPriceDetails that FOCUS 1.5 defines; before it they are the generator's own.
_MERGED_FOR_1_5 = ("ModelDeveloper", "ModelFamily", "ModelId", "ModelVersion")


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who is billed, and how model keys are written.

    Parameters
    ----------
    strict_keys
        Write `x_ModelId` and its like, as 1.2 and 1.4 read to the letter ask for.
    """

    account_id: str
    account_name: str
    strict_keys: bool = False


def row(charge: Charge, issuer: Issuer) -> Row:
    """Make a charge's row, with the columns of every version."""
    sku = charge.sku
    start = datetime(sku.day.year, sku.day.month, sku.day.day, tzinfo=UTC)
    return {
        "BilledCost": charge.cost,
        "EffectiveCost": charge.cost,
        "ContractedCost": charge.cost,
        "ListCost": charge.list_cost,
        "BillingAccountId": issuer.account_id,
        "BillingAccountName": issuer.account_name or None,
        "BillingAccountType": "Organization",
        "BillingCurrency": charge.currency,
        "BillingPeriodStart": charge.billing.start,
        "BillingPeriodEnd": charge.billing.next.start,
        "ChargePeriodStart": start,
        "ChargePeriodEnd": start + _DAY,
        "ChargeClass": "Correction" if charge.correction else None,
        "ChargeFrequency": "Usage-Based",
        "SubAccountId": sku.tenant or None,
        "SubAccountName": sku.tenant or None,
        "SubAccountType": "Tenant" if sku.tenant else None,
        "Tags": _json({"project": sku.project}) if sku.project else None,
        **_service(sku),
        **_sku(charge, issuer),
        **_custom(charge),
    }


def _service(sku: Sku) -> Row:
    seller = labels.seller(sku.provider)
    generative = sku.unit == "tokens" or sku.meter == "requests"
    return {
        "InvoiceIssuerName": seller.name,
        "ProviderName": seller.name,
        "PublisherName": labels.model_facts(sku.model).developer or seller.name,
        "ServiceProviderName": seller.name,
        "HostProviderName": seller.host_name,
        "ServiceName": seller.service,
        "ServiceCategory": "AI and Machine Learning",
        "ServiceSubcategory": "Generative AI" if generative else "Other (AI and Machine Learning)",
    }


def _sku(charge: Charge, issuer: Issuer) -> Row:
    """Fill what describes a price; all of it is null where money and quantity give none."""
    sku = charge.sku
    sku_id = "/".join((sku.provider or "-", sku.model or "-", sku.meter))
    base: Row = {"SkuId": sku_id, "SkuMeter": labels.sku_meter(sku.meter)}
    what = f"{sku.model or sku.provider or 'Use'}: {base['SkuMeter']}"
    priced = _prices(charge)
    if not priced:
        category = "Usage" if charge.correction and SHORTFALL not in charge.kinds else "Adjustment"
        described = f"{what} ({', '.join(charge.kinds)})"
        return {**base, "ChargeCategory": category, "ChargeDescription": described}
    return {
        **base,
        **priced,
        "ChargeCategory": "Usage",
        "ChargeDescription": f"{what} ({', '.join(charge.kinds)})" if charge.correction else what,
        "SkuPriceId": f"{sku_id}/{sku.service_tier or 'standard'}",
        "SkuPriceDetails": _json(_details(sku, issuer)),
        "PricingCategory": "Standard",
    }


def _prices(charge: Charge) -> Row:
    """Divide money by quantity; empty where there is none, or where a price were below zero."""
    if not charge.quantity or SHORTFALL in charge.kinds:
        return {}
    consumed_unit, pricing_unit, size = labels.units(charge.sku.unit)
    quantity = charge.quantity / size
    price, list_price = _quotient(charge.cost, quantity), _quotient(charge.list_cost, quantity)
    if price < 0 or list_price < 0:
        return {}
    exact = (
        _WIDE.multiply(price, quantity) == charge.cost
        and _WIDE.multiply(list_price, quantity) == charge.list_cost
    )
    return {
        "ConsumedQuantity": charge.quantity,
        "ConsumedUnit": consumed_unit,
        "PricingQuantity": quantity,
        "PricingUnit": pricing_unit,
        "ContractedUnitPrice": price,
        "ListUnitPrice": list_price,
        "x_UnitPriceIsAverage": not exact,
    }


def _quotient(cost: Decimal, quantity: Decimal) -> Decimal:
    return _WIDE.divide(cost, quantity).quantize(_UNIT_PRICE, context=_WIDE)


def _details(sku: Sku, issuer: Issuer) -> dict[str, str]:
    facts = labels.model_facts(sku.model)
    direction, cache = labels.token_facts(sku.meter)
    held = {
        "ModelDeveloper": facts.developer,
        "ModelFamily": facts.family,
        "ModelId": sku.model,
        "ModelVersion": facts.version,
        "x_TokenDirection": direction,
        "x_TokenCacheAction": cache,
        "x_ServiceTier": sku.service_tier or "standard",
    }
    if issuer.strict_keys:
        held = {f"x_{key}" if key in _MERGED_FOR_1_5 else key: held[key] for key in held}
    return {key: value for key, value in held.items() if value}


def _custom(charge: Charge) -> Row:
    sku = charge.sku
    coverage = None
    if charge.events > 0 and not charge.correction:
        share = _WIDE.divide(Decimal(charge.unpriced), Decimal(charge.events))
        coverage = (1 - share).quantize(_SHARE, context=_WIDE)
    return {
        "x_ChargeKinds": ",".join(charge.kinds),
        "x_Coverage": coverage,
        "x_Events": charge.events,
        "x_UnpricedEvents": charge.unpriced,
        "x_Meter": sku.meter,
        "x_Model": sku.model or None,
        "x_Project": sku.project or None,
        "x_Provider": sku.provider or None,
        "x_ServiceTier": sku.service_tier or None,
    }


def _json(value: dict[str, str]) -> str:
    return orjson.dumps(value).decode()
