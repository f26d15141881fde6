"""`POST /v1/costs/whatif`: the past under other prices, another model, or a budget."""

from decimal import Context, Decimal, localcontext

from fastapi import APIRouter, Response

from cost.api.whatif_shapes import (
    BudgetBody,
    Matching,
    PriceBody,
    SwitchBody,
    WhatIf,
    WhatIfAnswer,
    budget_shown,
    items_shown,
    totals_shown,
)
from cost.parts import CostParts
from cost.patterns import Pattern
from cost.prices.points import point
from cost.reports.question import known
from cost.whatif.replay import Answer, Budget, Replay, Threshold
from cost.whatif.scenario import PriceChange, Scenario, Selection, Switch
from cost.whatif.simulation import Simulation, check_hours
from sql.access import Principal
from sql.errors import InvalidInputError
from web import window
from web.principal import Reader
from web.render import Json, interval, timestamp

#: Sums of what a Decimal(38, 18) holds stay exact.
_EXACT = Context(prec=76)


class WhatIfs:
    """Replays history."""

    def __init__(self, parts: CostParts) -> None:
        self._store = parts.store
        self._clock = parts.clock
        self._rows_max = parts.settings.whatif_rows_max

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(tags=["costs"])
        router.post("/v1/costs/whatif", summary="Replay the past", response_model=WhatIfAnswer)(
            self.replay
        )
        return router

    def replay(self, reader: Reader, body: WhatIf) -> Response:
        """Say what a past window would have cost, and what a budget would have stopped in it.

        A switch of models is made first, then the first price change that fits is applied; a
        budget is played over what comes of both. Nothing is stored.
        """
        with localcontext(_EXACT):
            return self._replayed(reader, body)

    def _replayed(self, reader: Principal, body: WhatIf) -> Response:
        now = self._clock()
        asked = window.parse(body.from_, body.to, now)
        check_hours(asked)
        known_ns = known(
            window.instant(body.known_at, now, "known_at") if body.known_at else None, now
        )
        tenants = reader.scope(body.tenant or None)
        groups = body.groups
        if not (body.changes or body.switch or body.budget):
            raise InvalidInputError(
                "Give at least one of changes, switch and budget.", field="changes"
            )
        switch = self._switch(body.switch, tenants) if body.switch else None
        scenario = Scenario(switch, tuple(_change(one) for one in body.changes))
        simulation = Simulation(self._store, tenants, asked, known_ns, self._rows_max)
        outcome = simulation.outcome(scenario, groups)
        played = None
        if body.budget:
            played = Replay(self._budget(body.budget, tenants))
            simulation.replay(scenario, played, body.budget.per)
        return Json(
            {
                "window": interval(asked),
                "known_at": timestamp(known_ns),
                "items": items_shown(outcome),
                **totals_shown(outcome),
                "budget": budget_shown(body.budget, played) if body.budget and played else None,
            }
        )

    def _switch(self, body: SwitchBody, tenants: list[str]) -> Switch:
        provider, model = body.to_provider.lower(), body.to_model.lower()
        rows = self._store.query(
            "cost/whatif_prices", {"tenants": tenants, "provider": provider, "model": model}
        )
        if not rows:
            raise InvalidInputError(
                f"to_model is {body.to_model!r}, which has no published price with the provider "
                f"{body.to_provider!r}; record one, or name a model as telemetry does.",
                field="to_model",
            )
        return Switch(
            _selection(body),
            body.to_provider,
            body.to_model,
            [point(row) for row in rows],
            body.input_ratio,
            body.output_ratio,
        )

    def _budget(self, body: BudgetBody, tenants: list[str]) -> Budget:
        downgrade = None
        if body.downgrade:
            switch = self._switch(body.downgrade, tenants)
            downgrade = Scenario(switch).apply
        thresholds = tuple(
            Threshold(one.percent, Answer(one.answer))
            for one in sorted(body.thresholds, key=lambda one: one.percent)
        )
        wants = any(one.answer is Answer.DOWNGRADE for one in thresholds)
        if wants and downgrade is None:
            raise InvalidInputError(
                "A threshold downgrades, but downgrade does not say to which model.",
                field="downgrade",
            )
        return Budget(body.limit, body.currency, body.window, thresholds, downgrade)


def _selection(body: Matching) -> Selection:
    return Selection(
        body.provider.lower(),
        Pattern(body.model) if body.model else None,
        body.meter,
        None if body.service_tier is None else body.tier,
    )


def _change(body: PriceBody) -> PriceChange:
    if (body.percent is None) == (body.amount is None):
        raise InvalidInputError(
            "Each of changes has either percent or amount.",
            field="percent" if body.amount is None else "amount",
        )
    if body.percent is not None:
        return PriceChange(_selection(body), factor=1 + body.percent / 100)
    if body.amount is None or not body.currency:
        raise InvalidInputError("amount needs a currency beside it.", field="currency")
    return PriceChange(
        _selection(body),
        amount=_EXACT.divide(body.amount, Decimal(body.per)),
        currency=body.currency,
    )
