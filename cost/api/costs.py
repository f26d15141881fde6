"""`GET /v1/costs`: what was charged, summed by what the caller asks for."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from cost.api.asking import SumsQuery
from cost.parts import CostParts
from cost.reports.conversion import RatesAt
from cost.reports.dimensions import GROUPS
from cost.reports.question import Question
from cost.reports.sums import Sum, Sums
from sql.access import Principal
from web import pages
from web.parameters import LIMIT_MAX, ListQuery
from web.principal import Reader
from web.render import Json, decimal, interval, timestamp
from web.shapes import TIME, Interval, Shape


class CostsQuery(SumsQuery, ListQuery):
    """Which costs, grouped how."""

    limit: int = Field(100, ge=1, le=LIMIT_MAX, description="Most items in the answer.")


class Money(Shape):
    """One sum of money, with what is missing from it."""

    currency: str | None = Field(
        description="None where nothing that was summed up has a price.", examples=["USD"]
    )
    cost: str | None = Field(
        description="Decimal, exact. None where not one charge has a price: that is not 0.",
        examples=["12.3456"],
    )
    list_cost: str | None = Field(
        description="The same at list prices, before discounts and contracts.", examples=["15.1"]
    )
    events: int = Field(description="Charges that need a price.", examples=[1200])
    unpriced: int = Field(description="Those of them that have none.", examples=[3])
    coverage: str | None = Field(
        description="Share of `events` with a price, from 0 to 1, rounded down. None where nothing "
        "needs one.",
        examples=["0.9975"],
    )
    quarantined: int = Field(
        description="Rows that reported something impossible; never money.", examples=[0]
    )


class CostItem(Money):
    """One sum; it has the keys that were asked for and no other."""

    month: str | None = Field(None, examples=["2026-11"])
    day: str | None = Field(None, examples=["2026-11-23"])
    hour: str | None = Field(None, examples=["2026-11-23T22:00:00.000000000Z"])
    tenant: str | None = Field(None, examples=["school-a"])
    user: str | None = Field(None, examples=["user-7"])
    project: str | None = Field(None, examples=["grading"])
    provider: str | None = Field(None, examples=["openai"])
    model: str | None = Field(None, examples=["gpt-5-mini"])
    prompt: str | None = Field(None, examples=["rubric"])
    prompt_version: str | None = Field(None, examples=["7"])
    feature: str | None = Field(None, examples=["feedback"])
    connector: str | None = Field(None, examples=["gradebook"])
    service: str | None = Field(None, examples=["grader"])
    environment: str | None = Field(None, examples=["production"])
    operation: str | None = Field(None, examples=["chat"])
    meter: str | None = Field(None, examples=["input"])
    tier: str | None = Field(None, description="Empty for the standard tier.", examples=["batch"])
    kind: str | None = Field(None, examples=["usage"])
    quantity: str | None = Field(
        None, description="Only where grouped by meter. Decimal, exact.", examples=["18300"]
    )
    unit: str | None = Field(None, description="Only where grouped by meter.", examples=["tokens"])


class CostsPage(Shape):
    """Sums in the order of their keys, time first, and what all of them come to."""

    window: Interval
    as_of: str | None = Field(description="Nothing that happened later is in it.", examples=[TIME])
    known_at: str = Field(description="Nothing that was booked later is in it.", examples=[TIME])
    currency: str | None = Field(
        description="What everything was converted to; None where each keeps its own.",
        examples=["EUR"],
    )
    items: list[CostItem]
    totals: list[Money] = Field(description="Of all pages, a sum a currency.")
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page.")


class Costs:
    """Sums what was charged."""

    def __init__(self, parts: CostParts, rates_at: RatesAt) -> None:
        self._clock = parts.clock
        self._sums = Sums(parts.store, rates_at)

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(tags=["costs"])
        router.get("/v1/costs", response_model=CostsPage)(self.read_costs)
        return router

    def read_costs(self, reader: Reader, query: Annotated[CostsQuery, Query()]) -> Response:
        """Sum what a window cost, as of any time and as it was known at any time.

        Whole hours come from sums kept by hour, whatever lies beside them is added up from the
        charges, so every window is exact. What users cost is kept by day.
        """
        asked, as_of_ns, after = self._asked(reader, query)
        rates = self._sums.conversion(asked)
        found = self._sums.page(asked, rates, after=after, limit=query.limit + 1)
        shown = found[: query.limit]
        last = shown[-1].position if len(found) > query.limit else None
        return Json(
            {
                "window": interval(asked.window),
                "as_of": None if as_of_ns is None else timestamp(as_of_ns),
                "known_at": timestamp(asked.known_ns),
                "currency": asked.currency,
                "items": [item(one, asked.groups) for one in shown],
                "totals": [money(one) for one in self._sums.totals(asked, rates)],
                "next_cursor": None if last is None else _cursor(asked, as_of_ns, last),
            }
        )

    def _asked(
        self, reader: Principal, query: CostsQuery
    ) -> tuple[Question, int | None, tuple[str, ...]]:
        now = self._clock()
        asked = query.question(reader, now, resumes=bool(query.cursor))
        if not query.cursor:
            return asked, query.as_of_ns(now), ()
        kinds = (int, int, *(str,) * len(asked.source.keys))
        held = pages.position(_list(asked), query, kinds, now)
        known_ns, as_of_ns, *after = held.after or ()
        resumed = asked.at(held.window, int(known_ns))
        return resumed, int(as_of_ns) or None, tuple(str(text) for text in after)


def item(one: Sum, groups: tuple[str, ...]) -> dict[str, Any]:
    """Write one sum with the keys that were asked for."""
    keys = {key: one.keys[key] for group in groups for key in GROUPS[group]}
    if "hour" in keys:
        keys["hour"] += ":00:00.000000000Z"
    if "meter" in keys:
        keys["quantity"] = decimal(one.amounts.quantity)
    return {**keys, **money(one)}


def money(one: Sum) -> dict[str, Any]:
    """Write what a sum comes to."""
    return {"currency": one.currency or None, **one.amounts.shown()}


def _list(asked: Question) -> str:
    """Name the list of a cursor: sums grouped another way have another order."""
    return f"costs by {','.join(asked.groups)} in {asked.currency or 'each currency'}"


def _cursor(asked: Question, as_of_ns: int | None, last: tuple[str, ...]) -> str:
    return pages.next_cursor(_list(asked), asked.window, (asked.known_ns, as_of_ns or 0, *last))
