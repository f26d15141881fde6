"""Commitments: what a tenant has agreed to spend a month, and what it gets for that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from cost.prices import drafts, providers
from cost.prices.currencies import currency
from cost.prices.ladders import rounded
from cost.prices.points import FOREVER_NS
from sql.errors import InvalidInputError
from web.window import SECOND_NS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cost.prices.price import Price

KIND = "commitment"


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month in UTC; nanoseconds, the end is not included."""

    from_ns: int
    to_ns: int

    @property
    def name(self) -> str:
        """Write it as 2026-11."""
        return f"{_moment(self.from_ns):%Y-%m}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """An agreed spend.

    Parameters
    ----------
    provider, model
        Whose use counts, as rows of the price book have them.
    monthly
        The least that is paid for a month, in `currency`.
    factor
        What list prices are multiplied with while it holds; 1 for no discount.
    valid_from, valid_to
        Firsts of months, UTC nanoseconds; the end is not included.
    """

    id: str
    tenant: str
    provider: str
    model: str
    monthly: Decimal
    currency: str
    factor: Decimal
    valid_from: int
    valid_to: int

    def months(self, from_ns: int, to_ns: int) -> Iterator[Month]:
        """Give the months of the commitment that lie wholly between two times."""
        month = month_of(max(from_ns, self.valid_from))
        while month.to_ns <= min(to_ns, self.valid_to):
            if month.from_ns >= max(from_ns, self.valid_from):
                yield month
            month = month_of(month.to_ns)

    def body(self) -> dict[str, Any]:
        """Give it as a record keeps it."""
        return {
            "provider": self.provider,
            "model": self.model,
            "monthly": f"{self.monthly:f}",
            "currency": self.currency,
            "factor": f"{self.factor:f}",
            "valid_from": self.valid_from,
            "valid_to": self.valid_to,
        }

    def discount(self, now_ns: int) -> Price | None:
        """Give the row of the price book that its discount is; None where it has none."""
        if self.factor == 1:
            return None
        fields = {
            "tenant": self.tenant,
            "provider": self.provider,
            "model": self.model,
            "meter": "*",
            "kind": "factor",
            "amount": f"{self.factor:f}",
            "valid_from": str(max(self.valid_from, 0) // SECOND_NS),
            "valid_to": str(self.valid_to // SECOND_NS),
            "source": f"commitment {self.id}",
        }
        return drafts.price(fields, now_ns)


def commitment(id_: str, values: Mapping[str, Any], now_ns: int) -> Commitment:
    """Read one as people write it.

    Raises
    ------
    InvalidInputError
        Names the field at fault, its value and what to write.
    """
    given = {name: "" if value is None else str(value).strip() for name, value in values.items()}
    if not given.get("tenant"):
        raise _wrong("tenant", "tenant is empty; a commitment is one tenant's.")
    terms = {"kind": "factor", "meter": "*", "discount_percent": given.get("discount_percent", "")}
    terms |= {name: given.get(name, "") for name in ("tenant", "provider", "model")}
    terms |= {name: given.get(name, "") for name in ("valid_from", "valid_to")}
    if not terms["discount_percent"]:
        terms["amount"] = given.get("factor", "") or "1"
    price = drafts.price(terms, now_ns)
    for name, time in (("valid_from", price.valid_from), ("valid_to", price.valid_to)):
        if time != FOREVER_NS and month_of(time).from_ns != time:
            raise _wrong(
                name,
                f"{name} is {given[name]!r}; a commitment begins and ends with a "
                "month in UTC, as 2026-11-01.",
            )
    if not given.get("valid_from"):
        raise _wrong("valid_from", "valid_from is empty; write the month it begins, as 2026-11-01.")
    monthly = drafts.number("monthly", given.get("monthly", ""), drafts.AMOUNT_MAX)
    return Commitment(
        id=id_,
        tenant=price.tenant,
        provider=price.provider,
        model=price.model,
        monthly=rounded(monthly),
        currency=currency(given.get("currency", "")),
        factor=price.amount,
        valid_from=price.valid_from,
        valid_to=price.valid_to,
    )


def read(id_: str, tenant: str, body: Mapping[str, Any]) -> Commitment:
    """Read one from its record."""
    return Commitment(
        id=id_,
        tenant=tenant,
        provider=body["provider"],
        model=body["model"],
        monthly=Decimal(body["monthly"]),
        currency=body["currency"],
        factor=Decimal(body["factor"]),
        valid_from=body["valid_from"],
        valid_to=body["valid_to"],
    )


def counts(agreed: Commitment, provider: str) -> bool:
    """Whether use of a provider, as charges name it, counts towards a commitment."""
    return agreed.provider in providers.direct(provider.lower())


def month_of(time_ns: int) -> Month:
    """Give the calendar month in UTC that a time lies in."""
    at = _moment(time_ns)
    start = datetime(at.year, at.month, 1, tzinfo=UTC)
    end = datetime(at.year + at.month // 12, at.month % 12 + 1, 1, tzinfo=UTC)
    return Month(int(start.timestamp()) * SECOND_NS, int(end.timestamp()) * SECOND_NS)


def _moment(time_ns: int) -> datetime:
    return datetime.fromtimestamp(time_ns // SECOND_NS, UTC)


def _wrong(field: str, detail: str) -> InvalidInputError:
    return InvalidInputError(detail, field=field)
