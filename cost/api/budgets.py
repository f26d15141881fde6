"""`/v1/budgets`: what budgets there are, how they stand, and changing them."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from cost.api import budget_answers as answers
from cost.api.budget_history import HistoryQuery, history_facts
from cost.api.budget_lists import (
    BudgetShape,
    BudgetsShape,
    HistoryShape,
    RemovedShape,
    ReservationsShape,
)
from cost.api.budget_shapes import ChangedBudgetBody, LiftBody, NewBudgetBody
from cost.budgets.changes import Changes
from cost.budgets.definition import Budget
from cost.budgets.holdings import STATES
from cost.parts import CostParts
from sql import cursor
from sql.access import Principal, Role
from sql.errors import InvalidInputError, NotFoundError
from web.parameters import LIMIT_MAX, TenantQuery, Text
from web.principal import Reader, having, one_tenant
from web.render import Json, timestamp

#: Who may change budgets.
CHANGERS = (Role.FINANCE, Role.OPERATOR)

#: After every reservation there will be.
_NEWEST = (2**62, "")


#: Declares that an endpoint changes budgets, and hands it who does.
Changer = Annotated[Principal, Depends(having(*CHANGERS))]


class RemoveQuery(TenantQuery):
    """Whose budget to remove, and why."""

    reason: Text = ""


class ReservationsQuery(TenantQuery):
    """Which reservations."""

    budget_id: Text = Field("", examples=["maths"])
    state: Text = Field("", description=f"One of {', '.join(STATES)}; any where left out.")
    limit: int = Field(100, ge=1, le=LIMIT_MAX)
    cursor: str = Field("", max_length=4096)


class Budgets:
    """Lists, makes, changes and removes budgets."""

    def __init__(self, parts: CostParts) -> None:
        self._parts = parts
        self._changes = Changes(parts)

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(prefix="/v1/budgets", tags=["budgets"])
        router.get("", response_model=BudgetsShape)(self.list_budgets)
        router.post("", status_code=201, response_model=BudgetShape)(self.create)
        router.get("/reservations", response_model=ReservationsShape)(self.list_reservations)
        router.get("/{budget_id}", response_model=BudgetShape)(self.read)
        router.put("/{budget_id}", response_model=BudgetShape)(self.change)
        router.delete("/{budget_id}", response_model=RemovedShape)(self.remove)
        router.get("/{budget_id}/history", response_model=HistoryShape)(self.history)
        router.post("/{budget_id}/lift", response_model=BudgetShape)(self.lift)
        return router

    def list_budgets(self, reader: Reader, query: Annotated[TenantQuery, Query()]) -> Response:
        """List budgets with how they stand now, and which tenants may start no new work."""
        tenants = reader.scope(query.chosen)
        now = self._parts.clock()
        treasury = self._parts.treasury
        suspensions = [
            answers.suspension_facts(one)
            for one in treasury.ledger.suspensions(now)
            if not tenants or one.tenant in tenants
        ]
        return Json(
            {
                "as_of": timestamp(now),
                "ledger": "redis" if treasury.ledger.waits else "memory",
                "items": self._facts(treasury.book.all(tenants)),
                "suspensions": suspensions,
                "next_cursor": None,
            }
        )

    def create(self, changer: Changer, body: NewBudgetBody) -> Response:
        """Make a budget; what was spent in its window before counts from the start."""
        tenant = _tenant_of(changer, body.tenant)
        made = self._changes.create(
            tenant,
            body.budget_id or self._parts.ids(),
            body.definition(),
            actor=changer.key_id,
            reason=body.reason,
        )
        response = Json(self._facts([made])[0])
        response.status_code = 201
        return response

    def read(
        self, reader: Reader, budget_id: str, query: Annotated[TenantQuery, Query()]
    ) -> Response:
        """Read one budget with how it stands now."""
        return Json(self._facts([self._named(reader, query.chosen, budget_id)])[0])

    def change(self, changer: Changer, budget_id: str, body: ChangedBudgetBody) -> Response:
        """Write a budget's next version. Sums stay right whatever limit or window it gets."""
        found = self._named(changer, body.tenant, budget_id)
        changed = self._changes.change(
            found,
            body.definition(),
            actor=changer.key_id,
            reason=body.reason,
            expect_version=body.expect_version,
        )
        return Json(self._facts([changed])[0])

    def remove(
        self, changer: Changer, budget_id: str, query: Annotated[RemoveQuery, Query()]
    ) -> Response:
        """Remove a budget from now on; its history stays."""
        found = self._named(changer, query.chosen, budget_id)
        at_ns = self._changes.remove(found, actor=changer.key_id, reason=query.reason)
        named = {"budget_id": budget_id, "tenant": found.tenant}
        return Json({**named, "removed_at": timestamp(at_ns)})

    def lift(
        self,
        changer: Changer,
        budget_id: str,
        query: Annotated[TenantQuery, Query()],
        body: LiftBody,
    ) -> Response:
        """Let the tenant work again that this budget suspended, until its window is another."""
        found = self._named(changer, query.chosen, budget_id)
        self._changes.lift(found, actor=changer.key_id, reason=body.reason)
        return Json(self._facts([found])[0])

    def history(
        self, reader: Reader, budget_id: str, query: Annotated[HistoryQuery, Query()]
    ) -> Response:
        """Read a budget's versions, what happened in a window, and how the money went."""
        found = self._named(reader, query.chosen, budget_id, removed=True)
        return Json(history_facts(self._parts, found, query))

    def list_reservations(
        self, reader: Reader, query: Annotated[ReservationsQuery, Query()]
    ) -> Response:
        """List reservations, newest first: open ones and those ended lately."""
        tenants = reader.scope(query.chosen)
        if query.state and query.state not in STATES:
            raise InvalidInputError(
                f"state is {query.state!r}; use one of {', '.join(STATES)}.", field="state"
            )
        after = cursor.decode(query.cursor, (int, str)) if query.cursor else _NEWEST
        key = ""
        if query.budget_id:
            key = self._named(reader, query.chosen, query.budget_id).key
        treasury = self._parts.treasury
        found = treasury.ledger.reservations(
            tenants,
            key=key,
            state=query.state,
            after=(int(after[0]), str(after[1])),
            limit=query.limit + 1,
        )
        shown = found[: query.limit]
        more = len(found) > query.limit
        return Json(
            {
                "as_of": timestamp(self._parts.clock()),
                "items": [answers.reservation_facts(one, treasury.book, reader) for one in shown],
                "next_cursor": cursor.encode(shown[-1].position) if more else None,
            }
        )

    def _facts(self, budgets: list[Budget]) -> list[dict[str, Any]]:
        now, treasury = self._parts.clock(), self._parts.treasury
        spans = [budget.window.at(now) for budget in budgets]
        totals = treasury.ledger.totals(
            [(one.key, span.start, span.end) for one, span in zip(budgets, spans, strict=True)]
        )
        unconverted = treasury.ledger.unconverted()
        opened = treasury.ledger.open_counts()
        suspended = {one.key: one for one in treasury.ledger.suspensions(now)}
        return [
            {
                **answers.budget_facts(budget, treasury.book.parents(budget)),
                "state": answers.state(
                    budget,
                    span,
                    total,
                    unconverted=unconverted.get(budget.key, {}),
                    opened=opened.get(budget.key, 0),
                    suspension=suspended.get(budget.key),
                ),
            }
            for budget, span, total in zip(budgets, spans, totals, strict=True)
        ]

    def _named(
        self, principal: Principal, tenant: str | None, budget_id: str, *, removed: bool = False
    ) -> Budget:
        """Find a budget by its name within a scope; the tenant is needed where two have it.

        Unless one of them is the organisation's, which no query can name: that one is meant.
        """
        tenants = principal.scope(tenant)
        found = [
            one for one in self._parts.treasury.book.all(tenants) if one.budget_id == budget_id
        ]
        if not found and removed:
            found = self._changes.removed(tenants, budget_id)
        if not found:
            raise NotFoundError(f"There is no budget {budget_id!r}.", field="budget_id")
        found = [one for one in found if not one.tenant] or found
        if len(found) > 1:
            named = ", ".join(repr(one.tenant) for one in found)
            raise InvalidInputError(
                f"Several tenants have a budget {budget_id!r}: {named}; name one.", field="tenant"
            )
        return found[0]


def _tenant_of(changer: Principal, named: str | None) -> str:
    return one_tenant(
        changer, named, "Name the tenant of the budget; the empty one is the whole organisation."
    )
