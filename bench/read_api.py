"""Time of every read endpoint over a store of many spans, newest page and widest window."""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from typing import Any

import httpx
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.types import ASGIApp, Receive, Scope, Send
from stores import SPANS_A_TRACE, fill_spans, statement

from collector.api import routers
from sql.access import Principal, Role
from sql.client import Store
from sql.migrate import Migrator
from sql.settings import StoreSettings

#: One trace in the middle of the day, whatever its number.
TRACE = "/v1/traces/{trace_id}"
PATHS = (
    "/v1/overview",
    "/v1/overview?from=-2d",
    "/v1/ledger?from=-2d",
    "/v1/traces",
    "/v1/traces?from=-2d&limit=1000",
    "/v1/traces?from=-2d&errors=true",
    "/v1/traces?from=-2d&model=gpt-5",
    "/v1/traces?from=-2d&service=none",
    "/v1/traces?from=-2d&name=none",
    TRACE,
    "/v1/decisions",
    "/v1/decisions?from=-2d&limit=1000",
    "/v1/decisions?from=-2d&outcome=none",
    "/v1/decisions/decision-{trace}",
    "/v1/usage",
    "/v1/usage?from=-2d&group_by=tenant,service,provider,model,meter,hour",
    "/v1/services",
    "/v1/services?from=-2d",
)
READERS = {
    "all tenants": Principal("bench", "bench", frozenset({Role.VIEWER}), ()),
    "one tenant": Principal("bench", "bench", frozenset({Role.VIEWER}), ("tenant-1",)),
}


def fill(store: Store, spans: int, now_ns: int) -> float:
    Migrator(store).apply()
    text = statement("read_api_fill.sql")
    started = time.perf_counter()
    fill_spans(store, text, spans, now_ns)
    return time.perf_counter() - started


def application(store: Store, reader: Principal) -> ASGIApp:
    api = FastAPI()
    for router in routers(store, time.time_ns):
        api.include_router(router)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await api({**scope, "state": {"principal": reader}}, receive, send)

    return app


async def measure(app: ASGIApp, paths: list[str], rounds: int) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bench") as client:
        for path in paths:
            times = []
            for _ in range(rounds):
                started = time.perf_counter()
                answer = await client.get(path)
                times.append((time.perf_counter() - started) * 1000)
                answer.raise_for_status()
            cuts = statistics.quantiles(times, n=20, method="inclusive")
            found[path] = {"p50_ms": round(cuts[9], 1), "p95_ms": round(cuts[18], 1)}
    return found


def run(directory: str, spans: int, rounds: int) -> dict[str, Any]:
    settings = StoreSettings(store=SecretStr(f"chdb://{directory}"))
    with Store.open(settings) as store:
        seconds = fill(store, spans, time.time_ns())
        # A trace of tenant-1, half a day ago.
        trace = spans // SPANS_A_TRACE // 2 // 4 * 4 + 1
        (row,) = store.query(
            "collector/decision",
            {
                "tenants": [],
                "decision_id": f"decision-{trace}",
                "from_ns": 0,
                "to_ns": time.time_ns(),
                "limit": 1,
            },
        )
        paths = [path.format(trace=trace, trace_id=row["trace"]) for path in PATHS]
        readers = {
            name: asyncio.run(measure(application(store, reader), paths, rounds))
            for name, reader in READERS.items()
        }
    return {"spans": spans, "fill_s": round(seconds, 1), "rounds": rounds, "readers": readers}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spans", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        report = run(directory, chosen.spans, chosen.rounds)
    if chosen.json:
        print(json.dumps(report, indent=2))
        return 0
    print(f"{report['spans']:,} spans, filled in {report['fill_s']} s; milliseconds")
    for name, paths in report["readers"].items():
        print(f"\n{name:<72}{'p50':>8}{'p95':>8}")
        for path, times in paths.items():
            print(f"{path:<72}{times['p50_ms']:>8}{times['p95_ms']:>8}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
