"""`GET /v1/services`: who sent anything, and how it fared."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from sql.client import Store
from web import pages
from web.parameters import ListQuery
from web.principal import Reader
from web.render import Json, interval, timestamp
from web.shapes import TIME, PageOf, Shape

_SORT_KEY = ("owner", "service", "version", "stage")
_KINDS = (str,) * len(_SORT_KEY)


class Service(Shape):
    """One service at one version in one environment."""

    tenant: str = Field(examples=["school-a"])
    service: str = Field(examples=["grader"])
    version: str = Field(examples=["1.4.2"])
    environment: str = Field(examples=["production"])
    spans: int
    errors: int = Field(description="Failed spans.")
    decisions: int
    logs: int
    metric_points: int
    p50_ns: int | None = Field(
        description="Median duration of its spans, to within 1 %; null without spans."
    )
    p95_ns: int | None
    last_seen: str = Field(description="Time of its newest item in the window.", examples=[TIME])


class ServicePage(PageOf):
    """Services by tenant and name."""

    items: list[Service]


class Services:
    """Lists services."""

    def __init__(self, store: Store, clock_ns: Callable[[], int]) -> None:
        self._store = store
        self._clock_ns = clock_ns

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(tags=["services"])
        router.get("/v1/services", response_model=ServicePage)(self.list_services)
        return router

    def list_services(self, reader: Reader, query: Annotated[ListQuery, Query()]) -> Response:
        """List the services that sent spans, logs, metrics or decisions in a window."""
        now = self._clock_ns()
        tenants = reader.scope(query.chosen)
        start = pages.position("services", query, _KINDS, now)
        found = self._store.query(
            "collector/services",
            {
                "tenants": tenants,
                "from_ns": start.window.from_ns,
                "to_ns": start.window.to_ns,
                "after": [*start.after] if start.after else [],
                "limit": query.limit + 1,
            },
        )
        shown = found[: query.limit]
        more = len(found) > query.limit
        return Json(
            {
                "window": interval(start.window),
                "as_of": timestamp(now),
                "items": [_item(row) for row in shown],
                "next_cursor": _next(start, shown[-1]) if more else None,
            }
        )


def _item(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "tenant": row["owner"],
        "service": row["service"],
        "version": row["version"],
        "environment": row["stage"],
        "spans": row["spans"],
        "errors": row["errors"],
        "decisions": row["decisions"],
        "logs": row["logs"],
        "metric_points": row["metric_points"],
        "p50_ns": round(row["p50_ns"]) if row["spans"] else None,
        "p95_ns": round(row["p95_ns"]) if row["spans"] else None,
        "last_seen": timestamp(row["last_seen_ns"]),
    }


def _next(start: pages.Position, last: dict[str, Any]) -> str:
    return pages.next_cursor("services", start.window, tuple(last[key] for key in _SORT_KEY))
