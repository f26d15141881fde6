"""Worlds of two windows to explain: calls with tokens and prices, as rows or as charges."""

import asyncio
import itertools
from dataclasses import dataclass, field
from decimal import Decimal

import httpx
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError

from answerable import problems
from cost.api.explain import Explain
from cost.api.explain_shapes import CostExplanation
from cost.explain.explanation import explain
from cost.explain.usage import Segment, collected
from cost.parts import CostParts
from cost.settings import CostSettings
from sql.access import Principal, Role
from tests.conftest import HOUR_NS

UNITS = {"requests": "requests", "connector_calls": "calls", "gpu_seconds": "seconds"}


def calls(number, *, retries=0, prices=None, call=None, requests_price=None, **more):
    """Give `number` calls of a kind.

    Parameters
    ----------
    call
        What every call uses, by meter; retries use the same.
    prices
        What a unit of a meter costs; a meter without a price is unpriced.
    """
    named = {name: more.pop(name) for name in tuple(more) if name in Segment._fields}
    segment = {"tenant": "school", "provider": "openai", "model": "gpt-x", **named}
    base = {f"by_{name}": segment.get(name, "") for name in Segment._fields}
    base |= {"by_prompt_version": "", "by_shortfall": False, "by_day": "", **more}
    rows = []
    for retry, count in ((False, number), (True, retries)):
        used = {"requests": Decimal(1), **(call or {})}
        for meter, each in used.items():
            price = requests_price if meter == "requests" else (prices or {}).get(meter)
            needs = meter not in {"requests", "connector_calls"} or price is not None
            rows.append(
                {
                    **base,
                    "by_retry": retry,
                    "by_meter": meter,
                    "by_unit": UNITS.get(meter, "tokens"),
                    "by_currency": "" if price is None else more.get("by_currency", "USD"),
                    "quantity": count * Decimal(each),
                    "cost": count * Decimal(each) * Decimal(price or 0),
                    "events": count if needs else 0,
                    "unpriced": count if needs and price is None else 0,
                }
            )
    return rows


def sided(rows, side):
    """Put rows into the baseline or the current window, as the query gives them."""
    names = ("quantity", "cost", "events", "unpriced")
    other = "current" if side == "baseline" else "baseline"
    for row in rows:
        keys = {name: value for name, value in row.items() if name not in names}
        yield {
            **keys,
            **{f"{side}_{name}": row[name] for name in names},
            **{f"{other}_{name}": 0 * row[name] for name in names},
        }


def explained(baseline, current, *, rates=None, **more):
    """Explain the change between two lists of rows."""
    rows = [*sided(baseline, "baseline"), *sided(current, "current")]
    return explain(collected(rows, rates or {}), **more)


def effects(explanation):
    return {name: value for name, value in explanation.total.effects.items() if value}


@dataclass
class Ledger:
    """Writes charges to a store."""

    store: object
    clock: object
    numbers: itertools.count = field(default_factory=lambda: itertools.count(1))

    def charge(self, time_ns, meter, quantity, price=None, **more):
        """Book one charge; with a price of None it is unpriced."""
        number = next(self.numbers)
        unit = UNITS.get(meter, "tokens")
        free = price is None and unit != "tokens"
        state = "priced" if price is not None else "free" if free else "unpriced"
        cost = Decimal(quantity) * Decimal(price or 0)
        row = {
            "tenant": "school",
            "time": time_ns,
            "trace_id": number.to_bytes(16, "big"),
            "span_id": number.to_bytes(8, "big"),
            "meter": meter,
            "entry": "",
            "kind": "usage",
            "state": state,
            "unit": unit,
            "quantity": Decimal(quantity),
            "unpriced": int(state == "unpriced"),
            "events": int(state != "free"),
            "currency": "USD" if price is not None else "",
            "cost": cost,
            "list_cost": cost,
            "provider": "openai",
            "model": "gpt-x",
            "service_tier": "",
            "service_name": "",
            "project": "",
            "product_feature": "",
            "connector": "",
            "prompt_name": "",
            "prompt_version": "",
            "retry": False,
            "received_at": time_ns,
            "booked_at": time_ns,
            **more,
        }
        self.store.insert("charges", [row])
        return row

    def call(self, time_ns, *, price="0.01", tokens=100, **more):
        """Book one request with its input."""
        self.charge(time_ns, "requests", 1, **more)
        self.charge(time_ns, "input", tokens, price, **more)


@dataclass
class Api:
    """An application with nothing but explanations."""

    store: object
    clock: object
    settings: CostSettings = field(default_factory=CostSettings)

    def __post_init__(self):
        ids = itertools.count(1)
        parts = CostParts(self.store, self.clock, lambda: f"id{next(ids)}", self.settings)
        self.app = FastAPI()
        self.app.include_router(Explain(parts).router())

        async def rendered(request, error):
            if isinstance(error, RequestValidationError):
                return problems.of_validation(request, error)
            return problems.of_answerable(request, error)

        for kind in (problems.AnswerableError, RequestValidationError):
            self.app.add_exception_handler(kind, rendered)

    def response(self, *, tenants=(), roles=(Role.VIEWER,), **params):
        principal = Principal("k1", "tests", frozenset(roles), tenants)

        async def app(scope, receive, send):
            await self.app({**scope, "state": {"principal": principal}}, receive, send)

        async def ask():
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
                asked = {name.rstrip("_"): value for name, value in params.items()}
                return await client.get("/v1/costs/explain", params=asked)

        return asyncio.run(ask())

    def get(self, **params):
        answer = self.response(**params)
        assert answer.status_code == 200, answer.text
        CostExplanation.model_validate(answer.json())
        return answer.json()

    def problem(self, **params):
        answer = self.response(**params)
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        return answer.json()


DAY_NS = 24 * HOUR_NS


def many_rows(kinds, more=()):
    """Give the rows of several kinds of calls, and rows booked by themselves."""
    rows = [row for kind in kinds for row in calls(**kind)]
    for row in more:
        named = {f"by_{name}": "" for name in Segment._fields} | {"by_unit": "tokens"}
        rows.append({**named, "by_prompt_version": "", "by_day": "", **row})
    return rows
