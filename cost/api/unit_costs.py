"""`GET /v1/costs/unit`: what one decision, one good outcome or one review costs."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from cost.api.asking import SumsPageQuery, asked
from cost.api.costs import CostsFrame, Money, frame, money
from cost.parts import CostParts
from cost.reports.conversion import RatesAt
from cost.reports.dimensions import GROUPS
from cost.reports.sums import Sums
from cost.reports.unit_costs import UNIT_GROUPS, Per, UnitCost, check_common, unit_costs
from sql.errors import InvalidInputError
from web.parameters import Text
from web.principal import Reader
from web.render import Json, decimal


class UnitCostsQuery(SumsPageQuery):
    """Which unit costs."""

    group_by: Text = Field(
        "tenant",
        description=f"Comma list of {', '.join(UNIT_GROUPS)}, which decisions have too; `none` for "
        "one sum.",
        examples=["tenant,day"],
    )
    per: Per = Field(
        Per.DECISION,
        description="decision: every one. outcome: those that succeeded. review: those a human "
        "took (route human) or looked at (a span answerable.review names it).",
        examples=["outcome"],
    )
    outcome: Text = Field(
        "",
        description="Comma list of outcomes that are a success, with per=outcome; left out, "
        "every decision that is no error.",
        examples=["approved,published"],
    )

    @property
    def outcomes(self) -> list[str]:
        """The outcomes that count."""
        if self.outcome and self.per is not Per.OUTCOME:
            raise InvalidInputError("outcome goes with per=outcome only.", field="outcome")
        return [name.strip() for name in self.outcome.split(",") if name.strip()]


class UnitCostItem(Money):
    """What a group cost, how many decisions it had, and what one of them cost."""

    month: str | None = Field(None, examples=["2026-11"])
    day: str | None = Field(None, examples=["2026-11-23"])
    hour: str | None = Field(None, examples=["2026-11-23T22:00:00.000000000Z"])
    tenant: str | None = Field(None, examples=["school-a"])
    model: str | None = Field(None, examples=["gpt-5-mini"])
    prompt: str | None = Field(None, examples=["rubric"])
    prompt_version: str | None = Field(None, examples=["7"])
    service: str | None = Field(None, examples=["grader"])
    environment: str | None = Field(None, examples=["production"])
    count: int = Field(description="What the cost is divided by.", examples=[420])
    unit_cost: str | None = Field(
        description="Decimal with at most 18 places. None where the count is 0, and where no price "
        "is known.",
        examples=["0.029394285714285714"],
    )


class UnitCostsPage(CostsFrame):
    """Unit costs in the order of their keys, time first."""

    per: Per
    items: list[UnitCostItem]
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page.")


class UnitCosts:
    """Divides costs by decisions."""

    def __init__(self, parts: CostParts, rates_at: RatesAt) -> None:
        self._store = parts.store
        self._clock = parts.clock
        self._sums = Sums(parts.store, rates_at)

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(tags=["costs"])
        router.get("/v1/costs/unit", response_model=UnitCostsPage)(self.read_unit_costs)
        return router

    def read_unit_costs(
        self, reader: Reader, query: Annotated[UnitCostsQuery, Query()]
    ) -> Response:
        """Divide what groups cost by the decisions they had; a decision is counted once.

        All charges of a group are divided, whichever decision they were for. By model, the model
        of a charge is the one that was called and that of a decision the one it names, so the two
        meet only where they are the same.
        """
        outcomes = query.outcomes
        page = asked(f"costs per {query.per}", reader, query, self._clock())
        question = page.question
        check_common(question.groups, [*question.filters])
        rates = self._sums.conversion(question)
        costs = unit_costs(self._store, self._sums, question, rates, query.per, outcomes)
        rest = [one for one in costs if not page.after or one.sum.position > page.after]
        shown = rest[: query.limit]
        more = len(rest) > query.limit
        return Json(
            {
                **frame(page),
                "per": query.per.value,
                "items": [_item(one, question.groups) for one in shown],
                "next_cursor": page.cursor(shown[-1].sum.position) if more else None,
            }
        )


def _item(one: UnitCost, groups: tuple[str, ...]) -> dict[str, Any]:
    keys = {key: one.sum.keys[key] for group in groups for key in GROUPS[group]}
    if "hour" in keys:
        keys["hour"] += ":00:00.000000000Z"
    value = one.value
    return {
        **keys,
        **money(one.sum),
        "count": one.count,
        "unit_cost": None if value is None else decimal(value),
    }
