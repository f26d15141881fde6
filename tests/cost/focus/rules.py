"""Rules of FOCUS, written down from the specification to judge what is exported.

The published validator (focus-validator 1.0.0) knows versions up to 1.0, so 1.2 and 1.4 are judged
by this. Each rule quotes the requirement of the column named in front; the sources are the column
pages and the requirements model of 1.2 and 1.4 in the repository FOCUS_Spec.
"""

import json
import re
from dataclasses import dataclass
from decimal import Decimal

MANDATORY = {
    "1.2": {
        "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency",
        "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory", "ChargeClass",
        "ChargeDescription", "ChargePeriodEnd", "ChargePeriodStart", "ContractedCost",
        "EffectiveCost", "InvoiceIssuerName", "ListCost", "PricingQuantity", "PricingUnit",
        "ProviderName", "PublisherName", "ServiceCategory", "ServiceName",
    },
    "1.4": {
        "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency",
        "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory", "ChargeClass",
        "ChargeDescription", "ChargePeriodEnd", "ChargePeriodStart", "ContractedCost",
        "EffectiveCost", "HostProviderName", "InvoiceIssuerName", "ListCost", "PricingQuantity",
        "PricingUnit", "ServiceCategory", "ServiceName", "ServiceProviderName",
    },
}  # fmt: skip

#: Conditional columns whose condition holds: use is measured, unit prices are published and
#: negotiated, sub accounts and tags exist.
CONDITIONAL = {
    "ConsumedQuantity", "ConsumedUnit", "ContractedUnitPrice", "ListUnitPrice", "SkuId",
    "SkuMeter", "SkuPriceDetails", "SkuPriceId", "SubAccountId", "SubAccountName", "Tags",
}  # fmt: skip

#: Columns a version no longer has, or does not have yet.
FOREIGN = {
    "1.2": {"HostProviderName", "ServiceProviderName", "InvoiceDetailId"},
    "1.4": {"ProviderName", "PublisherName"},
}

NEVER_NULL = {
    "BilledCost", "BillingAccountId", "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart",
    "ChargeCategory", "ChargeFrequency", "ChargePeriodEnd", "ChargePeriodStart", "ContractedCost",
    "EffectiveCost", "HostProviderName", "InvoiceIssuerName", "ListCost", "ProviderName",
    "PublisherName", "ServiceCategory", "ServiceName", "ServiceProviderName", "ServiceSubcategory",
}  # fmt: skip

CATEGORIES = {"Usage", "Purchase", "Tax", "Credit", "Adjustment"}
TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
NUMBERS = {"BilledCost", "ConsumedQuantity", "ContractedCost", "ContractedUnitPrice"} | {
    "EffectiveCost", "ListCost", "ListUnitPrice", "PricingQuantity",
}  # fmt: skip


@dataclass(frozen=True)
class Rule:
    requirement: str
    applies: object
    holds: object


def _priced_usage(row):
    return row["ChargeCategory"] in {"Usage", "Purchase"} and row["ChargeClass"] != "Correction"


def _given(*names):
    return lambda row: all(row.get(name) not in {"", None} for name in names)


def _absent(*names):
    return lambda row: not any(row.get(name) for name in names)


_PRICE_COLUMNS = (
    "PricingQuantity", "PricingUnit", "PricingCategory", "ConsumedQuantity", "ConsumedUnit",
    "ContractedUnitPrice", "ListUnitPrice", "SkuPriceDetails",
)  # fmt: skip


def _product(price, cost):
    return lambda row: (
        row["x_UnitPriceIsAverage"] == "true"
        or Decimal(row[price]) * Decimal(row["PricingQuantity"]) == Decimal(row[cost])
    )


RULES = [
    Rule("ChargeCategory MUST be one of the allowed values", lambda row: True,
         lambda row: row["ChargeCategory"] in CATEGORIES),
    Rule('ChargeClass MUST be "Correction" when it is not null', _given("ChargeClass"),
         lambda row: row["ChargeClass"] == "Correction"),
    Rule("BillingCurrency MUST be an ISO 4217 code", lambda row: True,
         lambda row: re.fullmatch("[A-Z]{3}", row["BillingCurrency"])),
    Rule("ChargePeriodEnd is exclusive and after ChargePeriodStart", lambda row: True,
         lambda row: row["ChargePeriodStart"] < row["ChargePeriodEnd"]),
    Rule("BillingPeriodStart is a month's first day", lambda row: True,
         lambda row: row["BillingPeriodStart"][8:] == "01T00:00:00Z"),
    Rule("a charge that is no correction lies in its billing period",
         lambda row: row["ChargeClass"] != "Correction",
         lambda row: row["BillingPeriodStart"] <= row["ChargePeriodStart"]
         and row["ChargePeriodEnd"] <= row["BillingPeriodEnd"]),
    Rule("a correction MUST be billed in a subsequent period",
         lambda row: row["ChargeClass"] == "Correction",
         lambda row: row["ChargePeriodEnd"] <= row["BillingPeriodStart"]),
    Rule("SkuPriceId MUST NOT be null for usage that is no correction", _priced_usage,
         _given("SkuPriceId", "SkuId", "SkuMeter")),
    Rule("what describes a price MUST NOT be null for usage that is no correction", _priced_usage,
         _given("PricingQuantity", "PricingUnit", "PricingCategory", "ConsumedQuantity",
                "ConsumedUnit", "ContractedUnitPrice", "ListUnitPrice")),
    Rule("what describes a price MUST be null when SkuPriceId is null", _absent("SkuPriceId"),
         _absent(*_PRICE_COLUMNS)),
    Rule("PricingCategory MUST be one of the allowed values", _given("PricingCategory"),
         lambda row: row["PricingCategory"] in {"Standard", "Dynamic", "Committed", "Other"}),
    Rule("ConsumedUnit MUST be null when ConsumedQuantity is null", _absent("ConsumedQuantity"),
         _absent("ConsumedUnit")),
    Rule("ContractedUnitPrice MUST be a non-negative decimal value",
         _given("ContractedUnitPrice"), lambda row: Decimal(row["ContractedUnitPrice"]) >= 0),
    Rule("ContractedCost MUST equal ContractedUnitPrice times PricingQuantity",
         _given("ContractedUnitPrice", "PricingQuantity"),
         _product("ContractedUnitPrice", "ContractedCost")),
    Rule("ListCost MUST equal ListUnitPrice times PricingQuantity",
         _given("ListUnitPrice", "PricingQuantity"), _product("ListUnitPrice", "ListCost")),
    Rule("SubAccountName MUST be null when SubAccountId is null", _absent("SubAccountId"),
         _absent("SubAccountName", "SubAccountType")),
]  # fmt: skip


def broken(version, header, rows):
    """Give every rule that a file breaks, with where; an empty list for a file that conforms."""
    named = set(header)
    found = [f"{name} is missing" for name in (MANDATORY[version] | CONDITIONAL) - named]
    found += [f"{name} does not belong to {version}" for name in FOREIGN[version] & named]
    found += [
        f"column {name} is not PascalCase and has no x_"
        for name in header
        if not re.fullmatch(r"x_[A-Za-z]+|[A-Z][A-Za-z]*", name) or len(name) > 50
    ]
    customs = [name.startswith("x_") for name in header]
    found += ["custom columns stand among the others"] if customs != sorted(customs) else []
    for number, row in enumerate(rows, 1):
        found += [f"row {number}: {what}" for what in _broken_in(row, named)]
    return found


def _broken_in(row, named):
    for name in sorted(NEVER_NULL & named):
        if row[name] == "":
            yield f"{name} MUST NOT be null"
    for name in sorted(NUMBERS & named):
        if row[name] and not re.fullmatch(r"-?\d+(\.\d+)?", row[name]):
            yield f"{name} is {row[name]!r}, no number"
    times = [n for n in named if n.endswith(("PeriodStart", "PeriodEnd"))]
    yield from (f"{n} is {row[n]!r}, no UTC time" for n in times if not TIME.fullmatch(row[n]))
    for name in ("Tags", "SkuPriceDetails"):
        if row[name] and not isinstance(json.loads(row[name]), dict):
            yield f"{name} MUST be a JSON object"
    for rule in RULES:
        if rule.applies(row) and not rule.holds(row):
            yield rule.requirement
