"""`GET /v1/overview`: everything the first page shows, in one call."""

from collections import defaultdict
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from collector.api import buckets
from collector.api.overview_shapes import OverviewAnswer
from collector.api.usage import NEAR_NS
from sql.client import Store
from web.parameters import WindowQuery
from web.principal import Reader
from web.render import Json, interval, timestamp
from web.window import LATEST_NS, SECOND_NS, Window

#: Most services and models in an answer, those with the most spans and requests first.
LISTED_MAX = 100

Row = dict[str, Any]


class Overview:
    """Sums up a window."""

    def __init__(self, store: Store, clock_ns: Callable[[], int]) -> None:
        self._store = store
        self._clock_ns = clock_ns

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(tags=["overview"])
        router.get("/v1/overview", response_model=OverviewAnswer)(self.read_overview)
        return router

    def read_overview(self, reader: Reader, query: Annotated[WindowQuery, Query()]) -> Response:
        """Sum up a window: totals, a series, services, models and decisions."""
        now = self._clock_ns()
        tenants = reader.scope(query.chosen)
        window = query.window(now)
        length = buckets.length_s(window)
        parts = self._read(window, tenants, length)
        return Json(
            {
                "window": interval(window),
                "as_of": timestamp(now),
                "bucket_s": length,
                "totals": _totals(parts),
                "series": _series(parts, window, length),
                "services": _services(parts["spans"]),
                "models": _models(parts["usage"]),
                "decisions": _decisions(parts["decisions"]),
            }
        )

    def _read(self, window: Window, tenants: list[str], length: int) -> dict[str, list[Row]]:
        scope = {"tenants": tenants, "from_ns": window.from_ns, "to_ns": window.to_ns}
        series = {**scope, "bucket_ns": length * SECOND_NS}
        near = {
            "near_from_ns": max(0, window.from_ns - NEAR_NS),
            "near_to_ns": min(LATEST_NS, window.to_ns + NEAR_NS),
        }
        return {
            "spans": self._store.query("collector/overview_spans", series),
            "decisions": self._store.query("collector/overview_decisions", series),
            "usage": self._store.query("collector/overview_usage", {**series, **near}),
            "arrivals": self._store.query("collector/overview_arrivals", scope),
        }


def _totals(parts: dict[str, list[Row]]) -> dict[str, int]:
    arrived = {row["kind"]: row["items"] for row in parts["arrivals"]}
    spans = [row for row in parts["spans"] if row["by_service"]]
    used = [row for row in parts["usage"] if row["by_model"]]
    return {
        "spans": sum(row["spans"] for row in spans),
        "logs": arrived["logs"],
        "metric_points": arrived["metric_points"],
        "decisions": sum(row["decisions"] for row in parts["decisions"] if row["by_route"]),
        "errors": sum(row["errors"] for row in spans),
        "tokens_input": int(sum(row["tokens_input"] for row in used)),
        "tokens_output": int(sum(row["tokens_output"] for row in used)),
        "requests": int(sum(row["requests"] for row in used)),
    }


def _series(parts: dict[str, list[Row]], window: Window, length: int) -> list[dict[str, Any]]:
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for row in parts["spans"]:
        if not row["by_service"]:
            found[row["bucket"]] |= {"spans": row["spans"], "errors": row["errors"]}
    for row in parts["decisions"]:
        if not row["by_route"]:
            found[row["bucket"]]["decisions"] = row["decisions"]
    for row in parts["usage"]:
        if not row["by_model"]:
            found[row["bucket"]]["tokens"] = int(row["tokens_input"] + row["tokens_output"])
    empty = {"spans": 0, "errors": 0, "decisions": 0, "tokens": 0}
    return [
        {"time": timestamp(start_ns), **empty, **found.get(number, {})}
        for number, start_ns in buckets.starts(window, length)
    ]


def _services(rows: list[Row]) -> list[dict[str, Any]]:
    found = [
        {
            "service": row["service_name"],
            "spans": row["spans"],
            "errors": row["errors"],
            "p95_ns": round(row["p95_ns"]),
        }
        for row in rows
        if row["by_service"]
    ]
    return sorted(found, key=lambda row: (-row["spans"], row["service"]))[:LISTED_MAX]


def _models(rows: list[Row]) -> list[dict[str, Any]]:
    found = [
        {
            "provider": row["provider"],
            "model": row["model"],
            "requests": int(row["requests"]),
            "tokens": int(row["tokens_input"] + row["tokens_output"]),
        }
        for row in rows
        if row["by_model"]
    ]
    return sorted(found, key=lambda row: (-row["requests"], row["provider"], row["model"]))[
        :LISTED_MAX
    ]


def _decisions(rows: list[Row]) -> dict[str, Any]:
    routes = sorted((row for row in rows if row["by_route"]), key=lambda row: row["route"])
    return {
        "by_route": {
            row["route"]: {"decisions": row["decisions"], "mean_confidence": _mean([row])}
            for row in routes
        },
        "mean_confidence": _mean(routes),
    }


def _mean(rows: list[Row]) -> float | None:
    confident = sum(row["confident"] for row in rows)
    total: float = sum(row["confidence_sum"] for row in rows)
    return total / confident if confident else None
