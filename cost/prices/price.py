"""One row of the price book."""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from cost.prices.points import FOREVER_NS

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["price", "factor", "withdrawn"]

#: What the source of an imported row starts with; rows of any other source are the user's own.
IMPORTED = "genai-prices"


class Key(NamedTuple):
    """Rows of one key replace each other where their times overlap: the later recorded holds."""

    tenant: str
    provider: str
    model: str
    meter: str
    service_tier: str
    above: int
    imported: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What one unit of a meter costs while it is valid, as recorded.

    Parameters
    ----------
    tenant
        Empty for the list that holds for everybody without a contract.
    provider
        As `providers.recorded` gives it, or `*` for any.
    model
        A pattern, as `patterns.canonical` writes it.
    above
        It holds for requests whose whole input is larger than this many tokens.
    valid_from, valid_to
        UTC nanoseconds; the end is not included.
    amount
        For one unit; of a factor, what the list price is multiplied with.
    """

    tenant: str = ""
    provider: str
    model: str
    meter: str
    service_tier: str = ""
    above: int = 0
    valid_from: int = 0
    valid_to: int = FOREVER_NS
    recorded_at: int = 0
    price_id: str = ""
    change_id: str = ""
    kind: Kind = "price"
    amount: Decimal = Decimal(0)
    currency: str = ""
    unit: str = ""
    source: str = ""
    source_url: str = ""
    actor: str = ""
    approver: str = ""
    reason: str = ""

    @property
    def imported(self) -> bool:
        """Whether it came with a price list and not from the user."""
        return self.source.startswith(IMPORTED)

    @property
    def key(self) -> Key:
        """What it is a price for."""
        return Key(
            self.tenant,
            self.provider,
            self.model,
            self.meter,
            self.service_tier,
            self.above,
            self.imported,
        )

    @property
    def rank(self) -> tuple[int, str]:
        """Of two rows of one key the one with the higher rank holds."""
        return self.recorded_at, self.price_id

    def holds(self, time_ns: int) -> bool:
        """Whether a time lies within its own."""
        return self.valid_from <= time_ns < self.valid_to

    def overlaps(self, other: Price) -> bool:
        """Whether the two share a time."""
        return self.valid_from < other.valid_to and other.valid_from < self.valid_to

    def row(self) -> dict[str, Any]:
        """Give it as the table's columns."""
        return {name: getattr(self, name) for name in COLUMNS}


#: The table's columns, in the order of the fields.
COLUMNS = tuple(field.name for field in fields(Price))


def read(row: Mapping[str, Any]) -> Price:
    """Read a row of the table."""
    return Price(**row)
