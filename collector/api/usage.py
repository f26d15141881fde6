"""`GET /v1/usage`: metered use, summed by what the caller asks for."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from sql.client import Store
from sql.errors import InvalidInputError
from web import pages
from web.parameters import ListQuery, Text
from web.principal import Reader
from web.render import Json, decimal, interval, timestamp
from web.shapes import PageOf, Shape
from web.window import DAY_NS, LATEST_NS

#: What usage can be grouped by, and the query's column for it, in the order of the list.
GROUPS = {
    "day": "by_day",
    "hour": "by_hour",
    "tenant": "by_tenant",
    "service": "by_service",
    "provider": "by_provider",
    "model": "by_model",
    "operation": "by_operation",
    "environment": "by_environment",
    "meter": "by_meter",
}
_SORT_KEY = (*GROUPS.values(), "by_unit")
_KINDS = (str,) * len(_SORT_KEY)

#: How far from the window the calls beneath an agent's span are looked for.
NEAR_NS = DAY_NS


class UsageQuery(ListQuery):
    """Which usage, grouped how."""

    group_by: Text = Field(
        "model,meter",
        description=f"Comma list of {', '.join(GROUPS)}. The unit always separates.",
        examples=["tenant,model,day"],
    )
    service: Text = Field("", examples=["grader"])
    provider: Text = Field("", examples=["openai"])
    model: Text = Field("", examples=["gpt-5-mini"])
    meter: Text = Field(
        "",
        description="input, cache_read, cache_write, output, reasoning, requests, or the name "
        "after `answerable.usage.`.",
        examples=["input"],
    )

    @property
    def groups(self) -> list[str]:
        """The groups asked for; raises InvalidInputError for any other."""
        asked = [name.strip() for name in self.group_by.split(",") if name.strip()]
        unknown = [name for name in asked if name not in GROUPS]
        if unknown or not asked:
            raise InvalidInputError(
                f"group_by is {self.group_by!r}; use a comma list of {', '.join(GROUPS)}.",
                field="group_by",
            )
        return [name for name in GROUPS if name in asked]


class UsageItem(Shape):
    """One sum; it has the keys that were asked for and no other."""

    tenant: str | None = Field(None, examples=["school-a"])
    service: str | None = Field(None, examples=["grader"])
    provider: str | None = Field(None, examples=["openai"])
    model: str | None = Field(None, examples=["gpt-5-mini"])
    operation: str | None = Field(None, examples=["chat"])
    environment: str | None = Field(None, examples=["production"])
    meter: str | None = Field(None, examples=["input"])
    day: str | None = Field(None, examples=["2026-11-23"])
    hour: str | None = Field(None, examples=["2026-11-23T22:00:00.000000000Z"])
    quantity: str = Field(description="Decimal, exact.", examples=["18300"])
    unit: str = Field(examples=["tokens"])
    events: int = Field(description="Spans that reported it.", examples=[10])


class UsagePage(PageOf):
    """Sums in the order of their keys, time first."""

    items: list[UsageItem]


class Usage:
    """Sums usage."""

    def __init__(self, store: Store, clock_ns: Callable[[], int]) -> None:
        self._store = store
        self._clock_ns = clock_ns

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(tags=["usage"])
        router.get("/v1/usage", response_model=UsagePage)(self.read_usage)
        return router

    def read_usage(self, reader: Reader, query: Annotated[UsageQuery, Query()]) -> Response:
        """Sum the usage of a window; what an agent repeats of the calls beneath is left out."""
        now = self._clock_ns()
        tenants = reader.scope(query.chosen)
        groups = query.groups
        # Sums grouped another way have another order, so a cursor belongs to its grouping.
        name = f"usage by {','.join(groups)}"
        start = pages.position(name, query, _KINDS, now)
        found = self._sums(start, query, groups, tenants)
        shown = found[: query.limit]
        more = len(found) > query.limit
        return Json(
            {
                "window": interval(start.window),
                "as_of": timestamp(now),
                "items": [_item(row, groups) for row in shown],
                "next_cursor": _next(name, start, shown[-1]) if more else None,
            }
        )

    def _sums(
        self, start: pages.Position, query: UsageQuery, groups: list[str], tenants: list[str]
    ) -> list[dict[str, Any]]:
        return self._store.query(
            "collector/usage",
            {
                "tenants": tenants,
                "from_ns": start.window.from_ns,
                "to_ns": start.window.to_ns,
                "near_from_ns": max(0, start.window.from_ns - NEAR_NS),
                "near_to_ns": min(LATEST_NS, start.window.to_ns + NEAR_NS),
                "group_by": groups,
                "service": query.service,
                "provider": query.provider,
                "model": query.model,
                "meter": query.meter,
                "after": [*start.after] if start.after else [],
                "limit": query.limit + 1,
            },
        )


def _item(row: dict[str, Any], groups: list[str]) -> dict[str, Any]:
    item: dict[str, Any] = {name: row[GROUPS[name]] for name in groups}
    if "hour" in item:
        item["hour"] += ":00:00.000000000Z"
    return {
        **item,
        "quantity": decimal(row["total"]),
        "unit": row["by_unit"],
        "events": row["events"],
    }


def _next(name: str, start: pages.Position, last: dict[str, Any]) -> str:
    key = tuple(last[column] for column in _SORT_KEY)
    return pages.next_cursor(name, start.window, key)
