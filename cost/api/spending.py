"""`POST /v1/budgets/reserve`, `settle`, `release` and `extend`: the path of every call."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Request, Response

from cost.api import budget_answers as answers
from cost.api.budget_shapes import (
    ChangeShape,
    DecisionShape,
    ExtendBody,
    ReleaseBody,
    ReserveBody,
    SettleBody,
)
from cost.budgets.calls import Actual, Call, Money
from cost.budgets.calls import Request as Wanted
from cost.budgets.money import parse
from cost.parts import CostParts
from cost.prices.currencies import currency as known_currency
from sql.access import Principal, Role
from sql.errors import ForbiddenError, InvalidInputError
from web.render import Json

#: Who may spend.
SPENDERS = (Role.INGEST, Role.OPERATOR, Role.FINANCE)

#: A local caller without a key, and the tenant its telemetry belongs to.
_ANONYMOUS, _ANONYMOUS_TENANT = "anonymous", "default"

_T = TypeVar("_T")


async def spender(request: Request) -> Principal:
    """Give the request's principal; on the event loop, for a thread would cost more than it."""
    principal: Principal = request.state.principal
    principal.require(*SPENDERS)
    return principal


Spender = Annotated[Principal, Depends(spender)]


class Spending:
    """Decides on calls. With the ledger in memory nothing here leaves the event loop."""

    def __init__(self, parts: CostParts) -> None:
        self._parts = parts

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(prefix="/v1/budgets", tags=["budgets"])
        router.post("/reserve", response_model=DecisionShape)(self.reserve)
        router.post("/settle", response_model=ChangeShape)(self.settle)
        router.post("/release", response_model=ChangeShape)(self.release)
        router.post("/extend", response_model=ChangeShape)(self.extend)
        return router

    async def reserve(self, spender: Spender, body: ReserveBody) -> Response:
        """Ask whether a call may spend; every budget that contains it must have room.

        A denial is an answer, not an error: 200 with the decision `deny`, and nothing is held.
        """
        wanted = self._wanted(spender, body)
        engine = self._parts.treasury.engine
        if self._waits or not engine.is_ready(wanted):
            decided = await asyncio.to_thread(engine.reserve, wanted)
        else:
            decided = engine.reserve(wanted)
        return Json(answers.decision(decided, wanted.reservation_id, spender))

    async def settle(self, spender: Spender, body: SettleBody) -> Response:
        """Say what a call came to. The money counts however late this is, and once."""
        tenant = tenant_of(spender, body.tenant)
        engine = self._parts.treasury.engine
        actual = _actual(body)
        changed = await self._call(
            lambda: engine.settle(tenant, body.reservation_id, actual, by="client"),
            inline=body.usage is None,
        )
        return Json(answers.change(changed, spender))

    async def release(self, spender: Spender, body: ReleaseBody) -> Response:
        """Free what a call holds that was cancelled or failed before it cost anything."""
        tenant = tenant_of(spender, body.tenant)
        engine = self._parts.treasury.engine
        changed = await self._call(lambda: engine.release(tenant, body.reservation_id))
        return Json(answers.change(changed, spender))

    async def extend(self, spender: Spender, body: ExtendBody) -> Response:
        """Let a reservation live longer, for a stream that has not ended."""
        tenant = tenant_of(spender, body.tenant)
        engine = self._parts.treasury.engine
        changed = await self._call(lambda: engine.extend(tenant, body.reservation_id, body.ttl_s))
        return Json(answers.change(changed, spender))

    @property
    def _waits(self) -> bool:
        return self._parts.treasury.ledger.waits

    async def _call(self, work: Callable[[], _T], *, inline: bool = True) -> _T:
        return work() if inline and not self._waits else await asyncio.to_thread(work)

    def _wanted(self, spender: Principal, body: ReserveBody) -> Wanted:
        if body.cache_read_tokens > body.input_tokens:
            raise InvalidInputError(
                f"cache_read_tokens is {body.cache_read_tokens}, more than input_tokens, "
                f"{body.input_tokens}, of which it is a part.",
                field="cache_read_tokens",
            )
        if body.amount is None and not body.model:
            raise InvalidInputError("Name amount, or a model to estimate by.", field="amount")
        tenant = tenant_of(spender, body.tenant)
        return Wanted(
            reservation_id=body.reservation_id or self._parts.ids(),
            call=Call(
                tenant=tenant,
                project=body.project,
                user=body.user,
                key=_key(spender, body.key),
                feature=body.feature,
                provider=body.provider,
                model=body.model,
                service_tier=body.service_tier,
            ),
            amount=_money(body.amount, body.currency or "USD"),
            input_tokens=body.input_tokens,
            cache_read_tokens=body.cache_read_tokens,
            max_output_tokens=body.max_output_tokens,
            ttl_s=body.ttl_s,
            trace_id=body.trace_id.lower(),
            span_id=body.span_id.lower(),
        )


def tenant_of(spender: Principal, named: str | None) -> str:
    """Give the tenant a call is for.

    Raises
    ------
    InvalidInputError
        When it is not named and the key has several.
    ForbiddenError
        When it lies outside the key's scope.
    """
    if named:
        return spender.scope(named)[0]
    if len(spender.tenants) == 1:
        return spender.tenants[0]
    if spender.key_id == _ANONYMOUS:
        return _ANONYMOUS_TENANT
    raise InvalidInputError(
        f"The key {spender.key_id} has several tenants; name one.", field="tenant"
    )


def _key(spender: Principal, named: str | None) -> str:
    if named is None or named == spender.key_id:
        return spender.key_id
    if not spender.roles.intersection({Role.ADMIN, Role.FINANCE, Role.OPERATOR}):
        raise ForbiddenError(
            f"The key {spender.key_id} cannot spend as key {named!r}; that needs the role "
            "finance or operator.",
            field="key",
        )
    return named


def _money(amount: str | None, currency: str) -> Money | None:
    if amount is None:
        return None
    return Money(parse(amount, "amount"), known_currency(currency))


def _actual(body: SettleBody) -> Actual:
    if (body.amount is None) == (body.usage is None):
        raise InvalidInputError("Name amount or usage, one of them.", field="amount")
    usage: dict[str, Any] = dict(body.usage or {})
    money = None
    if body.amount is not None:
        # Without a currency it is that of the reservation, which the engine reads anyway.
        currency = "" if body.currency is None else known_currency(body.currency)
        money = Money(parse(body.amount, "amount"), currency)
    return Actual(
        money=money,
        usage=usage,
        provider=body.provider,
        model=body.model,
        service_tier=body.service_tier,
    )
