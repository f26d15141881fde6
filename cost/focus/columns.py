"""Columns of each FOCUS version this exports, in the order they are written.

What stands here was read in the specification's repository: the column lists of 1.2 and 1.4, and
which of them may be null. docs/focus.md says which conditional columns are left out, and why.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sql.errors import InvalidInputError


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    TIME = "time"
    MONEY = "money"
    QUANTITY = "quantity"
    INTEGER = "integer"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Parameters
    ----------
    nullable
        Whether the specification lets it be null.
    """

    name: str
    kind: Kind = Kind.TEXT
    nullable: bool = True


def _needed(name: str, kind: Kind = Kind.TEXT) -> Column:
    return Column(name, kind, nullable=False)


_SHARED = (
    _needed("BilledCost", Kind.MONEY),
    _needed("BillingAccountId"),
    Column("BillingAccountName"),
    _needed("BillingCurrency"),
    _needed("BillingPeriodEnd", Kind.TIME),
    _needed("BillingPeriodStart", Kind.TIME),
    _needed("ChargeCategory"),
    Column("ChargeClass"),
    Column("ChargeDescription"),
    _needed("ChargeFrequency"),
    _needed("ChargePeriodEnd", Kind.TIME),
    _needed("ChargePeriodStart", Kind.TIME),
    Column("ConsumedQuantity", Kind.QUANTITY),
    Column("ConsumedUnit"),
    _needed("ContractedCost", Kind.MONEY),
    Column("ContractedUnitPrice", Kind.MONEY),
    _needed("EffectiveCost", Kind.MONEY),
    Column("InvoiceId"),
    _needed("InvoiceIssuerName"),
    _needed("ListCost", Kind.MONEY),
    Column("ListUnitPrice", Kind.MONEY),
    Column("PricingCategory"),
    Column("PricingQuantity", Kind.MONEY),
    Column("PricingUnit"),
    _needed("ServiceCategory"),
    _needed("ServiceName"),
    _needed("ServiceSubcategory"),
    Column("SkuId"),
    Column("SkuMeter"),
    Column("SkuPriceDetails"),
    Column("SkuPriceId"),
    Column("SubAccountId"),
    Column("SubAccountName"),
    Column("SubAccountType"),
    Column("Tags"),
)

#: Named by 1.2 and gone in 1.4; the null ones are what a reader of 1.0 still asks for.
_OF_1_2 = (
    Column("BillingAccountType"),
    Column("CommitmentDiscountCategory"),
    Column("CommitmentDiscountId"),
    Column("CommitmentDiscountName"),
    Column("CommitmentDiscountStatus"),
    Column("CommitmentDiscountType"),
    _needed("ProviderName"),
    _needed("PublisherName"),
    Column("RegionId"),
    Column("RegionName"),
    Column("ResourceId"),
    Column("ResourceName"),
    Column("ResourceType"),
)

_OF_1_4 = (
    _needed("HostProviderName"),
    _needed("ServiceProviderName"),
)

_CUSTOM = (
    Column("x_ChargeKinds"),
    Column("x_Coverage", Kind.QUANTITY),
    Column("x_Events", Kind.INTEGER),
    Column("x_Meter"),
    Column("x_Model"),
    Column("x_Project"),
    Column("x_Provider"),
    Column("x_ServiceTier"),
    Column("x_UnitPriceIsAverage", Kind.FLAG),
    Column("x_UnpricedEvents", Kind.INTEGER),
)


def _ordered(*groups: tuple[Column, ...]) -> tuple[Column, ...]:
    named = {column.name: column for group in groups for column in group}
    return (*(named[name] for name in sorted(named)), *_CUSTOM)


VERSIONS: dict[str, tuple[Column, ...]] = {
    "1.2": _ordered(_SHARED, _OF_1_2),
    "1.4": _ordered(_SHARED, _OF_1_4),
}


def columns(version: str) -> tuple[Column, ...]:
    """Give a version's columns; raises InvalidInputError for a version not spoken here."""
    found = VERSIONS.get(version)
    if found is None:
        raise InvalidInputError(
            f"version is {version!r}; this exports FOCUS {' and '.join(VERSIONS)}.",
            field="version",
        )
    return found
