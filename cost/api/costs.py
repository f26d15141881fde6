"""`GET /v1/costs`: what was charged, summed by what the caller asks for."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from cost.api.asking import Asked, SumsPageQuery, asked
from cost.parts import CostParts
from cost.reports.conversion import RatesAt
from cost.reports.dimensions import GROUPS
from cost.reports.sums import Sum, Sums
from web.principal import Reader
from web.render import Json, decimal, interval, timestamp
from web.shapes import TIME, Interval, Shape


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


class CostsFrame(Shape):
    """What an answer about costs covers."""

    window: Interval
    as_of: str | None = Field(description="Nothing that happened later is in it.", examples=[TIME])
    known_at: str = Field(description="Nothing that was booked later is in it.", examples=[TIME])
    currency: str | None = Field(
        description="What everything was converted to; None where each keeps its own.",
        examples=["EUR"],
    )


class CostsPage(CostsFrame):
    """Sums in the order of their keys, time first, and what all of them come to."""

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

    def read_costs(self, reader: Reader, query: Annotated[SumsPageQuery, Query()]) -> Response:
        """Sum what a window cost, as of any time and as it was known at any time.

        Whole hours come from sums kept by hour, whatever lies beside them is added up from the
        charges, so every window is exact. What users cost is kept by day.
        """
        page = asked("costs", reader, query, self._clock())
        question = page.question
        rates = self._sums.conversion(question)
        if page.after:
            found = self._sums.page(question, rates, after=page.after, limit=query.limit + 1)
            totals = self._sums.totals(question, rates)
        else:
            found, totals = self._sums.first(question, rates, limit=query.limit + 1)
        shown = found[: query.limit]
        more = len(found) > query.limit
        return Json(
            {
                **frame(page),
                "items": [item(one, question.groups) for one in shown],
                "totals": [money(one) for one in totals],
                "next_cursor": page.cursor(shown[-1].position) if more else None,
            }
        )


def frame(page: Asked) -> dict[str, Any]:
    """State what an answer covers."""
    question, as_of_ns = page.question, page.as_of_ns
    return {
        "window": interval(question.window),
        "as_of": None if as_of_ns is None else timestamp(as_of_ns),
        "known_at": timestamp(question.known_ns),
        "currency": question.currency,
    }


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
