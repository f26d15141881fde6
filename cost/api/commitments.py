"""Commitments over HTTP: what a tenant agreed to spend a month, and how this month stands."""

from contextlib import suppress
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from cost.api.price_shapes import ChangeFields, Value, bound
from cost.parts import CostParts
from cost.prices import commitments, files
from cost.prices.commitments import Commitment
from cost.prices.keeper import Keeper
from cost.prices.rates import RateMissingError
from cost.prices.shortfalls import Shortfalls, Standing
from sql.access import Role
from web.parameters import TenantQuery
from web.principal import Reader
from web.render import Json, decimal, timestamp
from web.shapes import TIME, Shape


class CommitmentBody(ChangeFields):
    """A commitment to record."""

    tenant: Value = Field("", examples=["school-a"])
    provider: Value = Field("", description="Whose use counts; * for any.", examples=["openai"])
    model: Value = Field("*", description="A pattern.", examples=["gpt-*"])
    monthly: Value = Field("", description="The least paid for a month.", examples=["1000"])
    currency: Value = Field("", examples=["USD"])
    discount_percent: Value = Field("", description="Off list prices meanwhile.", examples=["15"])
    factor: Value = Field("", description="The same as a factor: 0.85.")
    valid_from: Value = Field("", description="The first of a month, UTC.", examples=["2026-11-01"])
    valid_to: Value = Field("", description="The first of a month, not included.")


class MonthItem(Shape):
    """The month that runs."""

    month: str = Field(examples=["2026-11"])
    spent: str | None = Field(
        description="What counts towards it, in its currency; null where an exchange rate is "
        "missing.",
        examples=["640.5"],
    )
    missing: str | None = Field(description="What is not spent yet.", examples=["359.5"])


class CommitmentItem(Shape):
    """A commitment."""

    id: str = Field(examples=["5b8efff798038103"])
    tenant: str = Field(examples=["school-a"])
    provider: str = Field(examples=["openai"])
    model: str = Field(examples=["gpt-*"])
    monthly: str = Field(examples=["1000"])
    currency: str = Field(examples=["USD"])
    factor: str = Field(examples=["0.85"])
    valid_from: str | None = Field(examples=[TIME])
    valid_to: str | None = Field(examples=[None])
    now: MonthItem | None = Field(description="Null outside its time.")


class CommitmentList(Shape):
    """Every commitment of the key's tenants."""

    as_of: str = Field(examples=[TIME])
    items: list[CommitmentItem]
    next_cursor: None = None


class Commitments:
    """Records and lists commitments."""

    def __init__(self, parts: CostParts) -> None:
        self._parts = parts
        self._keeper = Keeper.of(parts)
        self._shortfalls = Shortfalls(parts)

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(prefix="/v1/commitments", tags=["prices"])
        router.get("", summary="List commitments", response_model=CommitmentList)(self.list)
        router.post(
            "", summary="Record a commitment", status_code=201, response_model=CommitmentItem
        )(self.record)
        return router

    def list(self, reader: Reader, query: Annotated[TenantQuery, Query()]) -> Response:
        """List commitments and how their month stands; a few, so there are no pages."""
        tenants = reader.scope(query.chosen)
        items = [self._item(agreed) for agreed in self._shortfalls.agreed(tenants)]
        return Json({"as_of": timestamp(self._parts.clock()), "items": items, "next_cursor": None})

    def record(self, reader: Reader, body: CommitmentBody) -> Response:
        """Record a commitment; its discount becomes a row of the price book."""
        reader.require(Role.FINANCE, Role.OPERATOR)
        now = self._parts.clock()
        values = body.model_dump(exclude={"reason", "approver", "dry_run"})
        read = partial(commitments.commitment, self._parts.ids(), values, now)
        agreed = files.each("commitment", read)
        reader.scope(agreed.tenant)
        discount = agreed.discount(now)
        change = self._keeper.change(reader.key_id, body.approver, body.reason)
        prices = [discount] if discount else []
        # What is wrong with the discount must show before anything is recorded.
        self._keeper.record(prices, change, dry_run=True)
        if not body.dry_run:
            self._parts.records.put(
                commitments.KIND,
                agreed.id,
                {**agreed.body(), "approver": body.approver},
                tenant=agreed.tenant,
                actor=reader.key_id,
                reason=body.reason,
            )
            self._keeper.record(prices, change)
        return Json(self._item(agreed), status_code=201)

    def _item(self, agreed: Commitment) -> dict[str, Any]:
        return {
            "id": agreed.id,
            "tenant": agreed.tenant,
            "provider": agreed.provider,
            "model": agreed.model,
            "monthly": decimal(agreed.monthly),
            "currency": agreed.currency,
            "factor": decimal(agreed.factor),
            "valid_from": bound(agreed.valid_from),
            "valid_to": bound(agreed.valid_to),
            "now": self._now(agreed),
        }

    def _now(self, agreed: Commitment) -> dict[str, Any] | None:
        now = self._parts.clock()
        if not agreed.valid_from <= now < agreed.valid_to:
            return None
        month = commitments.month_of(now)
        standing: Standing | None = None
        with suppress(RateMissingError):
            standing = self._shortfalls.standing(agreed, month)
        return {
            "month": month.name,
            "spent": decimal(standing.spent) if standing else None,
            "missing": decimal(standing.shortfall(agreed)) if standing else None,
        }
