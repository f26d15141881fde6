"""The cost meter: what pricing adds to ingest, a month's report, a restatement, budgets."""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import budgets_http
import httpx
from fastapi import FastAPI
from stores import AS_INGEST_DOES, opened, statement

from cost.api.costs import Costs
from cost.parts import CostParts
from cost.prices.rates import Rates
from cost.restatement import Restatement
from cost.rollups import Rollups
from cost.settings import CostSettings
from sql import migration_files
from sql.access import Principal, Role
from sql.client import Store
from sql.rendering import Renderer
from sql.settings import StoreSettings

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

DAY_NS = 86_400_000_000_000
MONTH_NS = 30 * DAY_NS
FAR_NS = 4_102_444_800_000_000_000
TENANTS, MODELS = 40, 12
METERS = ("input", "cache_read", "output", "reasoning")
CHARGES_AN_INSERT = 2_500_000
SPANS_AN_INSERT = 50_000
#: The view that counted usage before there were prices; migration 0005 has it.
UNPRICED_VIEW = "span_usage_view"


def point(model: str, meter: str, amount: Decimal) -> dict[str, Any]:
    return {
        "tenant": "",
        "provider": "openai",
        "model": model,
        "meter": meter,
        "service_tier": "",
        "valid_from": 0,
        "valid_to": FAR_NS,
        "currency": "USD",
        "above": [0],
        "amounts": [amount],
        "list_amounts": [amount],
        "price_ids": ["p1"],
        "rules": ["list"],
    }


def publish(store: Store, version: int, points: list[dict[str, Any]]) -> None:
    store.insert("price_points", [{"book_version": version, **one} for one in points])
    row = {"book_version": version, "published_at": time.time_ns(), "points": len(points)}
    store.insert("price_books", [row | {"change_id": f"c{version}"}])
    store.run_text("SYSTEM RELOAD DICTIONARY price_points_dictionary", tag="bench")


# Ingest: the same spans into the whole schema, and into one that counts usage without pricing.


def without_prices(store: Store) -> None:
    """Put the view back that counted usage before charges were priced."""
    files = migration_files.packaged()
    (migration,) = (one for one in files.migrations if one.file.startswith("0005"))
    renderer = Renderer(StoreSettings(), files.fragments)
    for text in renderer.statements(migration.up, source=migration.file):
        if UNPRICED_VIEW in text:
            store.run_text("DROP VIEW span_charges_view", tag="bench")
            store.run_text(text, tag="bench")
            return
    raise LookupError(f"migration 0005 has no {UNPRICED_VIEW}")


def insert_spans(store: Store, number: int, now_ns: int) -> tuple[float, float]:
    """Store spans through every view; give seconds of processor and of wall time."""
    parameters = {
        "first": number * SPANS_AN_INSERT,
        "spans": SPANS_AN_INSERT,
        "start_ns": now_ns - DAY_NS,
        "trace_step_ns": 1_000_000,
        "received_ns": now_ns,
    }
    cpu, wall = time.process_time(), time.perf_counter()
    store.run_text(statement("read_api_fill.sql"), parameters, settings=AS_INGEST_DOES, tag="bench")
    return time.process_time() - cpu, time.perf_counter() - wall


def priced_ingest(directory: str, rounds: int) -> dict[str, Any]:
    models = ("gpt-5", "gpt-5-mini")
    with opened(directory, "priced") as priced, opened(directory, "unpriced") as unpriced:
        without_prices(unpriced)
        amounts = {meter: Decimal(n + 1).scaleb(-6) for n, meter in enumerate(METERS)}
        publish(priced, 1, [point(m, meter, a) for m in models for meter, a in amounts.items()])
        now_ns = time.time_ns()
        insert_spans(priced, 0, now_ns)
        insert_spans(unpriced, 0, now_ns)
        pairs = [
            (insert_spans(priced, number, now_ns), insert_spans(unpriced, number, now_ns))
            for number in range(1, rounds + 1)
        ]
        with priced.handle() as client:
            (counts,) = client.query(
                "SELECT countIf(state = 'priced'), countIf(state = 'unpriced') FROM charges"
            ).result_rows
    ratios = [ours[0] / theirs[0] for ours, theirs in pairs]
    return {
        "priced_ingest_overhead": round(statistics.median(ratios), 3),
        "priced_ingest_overhead_wall": round(
            statistics.median(ours[1] / theirs[1] for ours, theirs in pairs), 3
        ),
        "priced_charges": counts[0],
        "unpriced_charges": counts[1],
    }


# A ledger of many charges: report, restatement.


@dataclass
class Ledger:
    """A store full of charges, and the month they are in."""

    store: Store
    parts: CostParts
    start_ns: int

    def ask(self, group_by: str, rounds: int) -> tuple[float, dict[str, Any]]:
        """Ask the API for the month; give the median seconds and the last answer."""
        api = FastAPI()
        api.include_router(Costs(self.parts, partial(Rates, self.store)).router())
        reader = Principal("bench", "bench", frozenset({Role.FINANCE}), ())
        app = partial(_as_reader, api, reader)
        asked = {"from": self.start_ns, "to": self.start_ns + MONTH_NS, "group_by": group_by}

        async def measure() -> tuple[float, dict[str, Any]]:
            times = []
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://bench") as client:
                for _ in range(rounds):
                    begun = time.perf_counter()
                    answer = await client.get("/v1/costs", params={**asked, "limit": 1000})
                    times.append(time.perf_counter() - begun)
                    answer.raise_for_status()
            return statistics.median(times), answer.json()

        return asyncio.run(measure())

    def raw_total(self) -> Decimal:
        """Sum the rows themselves."""
        with self.store.handle() as client:
            text = "SELECT sum(c.cost) FROM charges AS c FINAL WHERE state != 'aggregate'"
            return Decimal(client.query(text).result_rows[0][0])


async def _as_reader(
    app: ASGIApp, reader: Principal, scope: Scope, receive: Receive, send: Send
) -> None:
    await app({**scope, "state": {"principal": reader}}, receive, send)


def fill(store: Store, charges: int, start_ns: int) -> float:
    begun = time.perf_counter()
    for first in range(0, charges, CHARGES_AN_INSERT):
        parameters = {
            "first": first,
            "charges": min(CHARGES_AN_INSERT, charges - first),
            "all": charges,
            "start_ns": start_ns,
            "tenants": TENANTS,
            "models": MODELS,
        }
        store.run_text(statement("cost_fill.sql"), parameters, tag="bench")
    return time.perf_counter() - begun


def book(raised: int) -> list[dict[str, Any]]:
    """Give the points of a book in which the first models are dearer."""
    points = []
    for number in range(MODELS):
        for step, meter in enumerate(METERS):
            amount = Decimal(step + 1).scaleb(-6) * (Decimal("1.25") if number < raised else 1)
            points.append(point(f"model-{number}", meter, amount))
    return points


def ledger(directory: str, charges: int, restated: int, rounds: int) -> dict[str, Any]:
    with opened(directory, "ledger") as store:
        settings = CostSettings(rollup_lag_s=0)
        parts = CostParts(store, time.time_ns, lambda: "id", settings)
        start_ns = time.time_ns() // DAY_NS * DAY_NS - MONTH_NS - DAY_NS
        one = Ledger(store, parts, start_ns)
        publish(store, 1, book(0))
        fill_s = fill(store, charges, start_ns)
        rollups, restatement = Rollups(parts), Restatement(parts)
        begun = time.perf_counter()
        rollups.publish(rollups.state())
        rollup_s = time.perf_counter() - begun
        report_s, answer = one.ask("tenant,model", rounds)
        total = Decimal(answer["totals"][0]["cost"])
        equal = total == one.raw_total()
        for due in restatement.due():
            restatement.restate(due)
        publish(store, 2, book(max(1, round(restated * MODELS / charges))))
        begun = time.perf_counter()
        done = [restatement.restate(due) for due in restatement.due()]
        restate_s = time.perf_counter() - begun
        after_s, after = one.ask("tenant,model", 1)
        rollups.publish(rollups.state())
        summed_s, summed = one.ask("tenant,model", rounds)
        raised = Decimal(after["totals"][0]["cost"])
    return {
        "report_s": round(report_s, 3),
        "report_rows": charges,
        "report_items": len(answer["items"]),
        "report_equals_raw_rows": equal,
        "restate_s": round(restate_s, 1),
        "restate_rows": sum(one.corrections for one in done),
        "restated_total_is_the_sum": raised - total == sum(d.cost_changes["USD"] for d in done)
        and after["totals"] == summed["totals"],
        "report_before_rollup_s": round(after_s, 3),
        "report_after_restatement_s": round(summed_s, 3),
        "rollup_s": round(rollup_s, 1),
        "fill_s": round(fill_s, 1),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--charges", type=int, default=10_000_000, help="of the month's report")
    parser.add_argument("--restated", type=int, default=10_000_000, help="charges restated, about")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=["ingest", "ledger", "budgets"], default=None)
    chosen = parser.parse_args()
    result: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as directory:
        if chosen.only in (None, "ingest"):
            result |= priced_ingest(directory, 2 * chosen.rounds)
        if chosen.only in (None, "ledger"):
            result |= ledger(directory, chosen.charges, chosen.restated, chosen.rounds)
    if chosen.only in (None, "budgets"):
        result["reserve_settle"] = budgets_http.run()
    if chosen.json:
        print(json.dumps(result))
        return 0
    for name, value in result.items():
        print(f"{name:28} {value}")
    return 0
