"""`GET /v1/decisions` and `GET /v1/decisions/{decision_id}`."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from collector.api import decision_rows, decision_usage, span_rows
from collector.api.decision_shapes import DecisionDetail, DecisionPage
from sql.client import Store
from sql.errors import InvalidInputError, NotFoundError
from web import pages
from web.parameters import TEXT_CHARS_MAX, ListQuery, TenantQuery, Text
from web.principal import Reader
from web.render import Json, decimal, interval, timestamp
from web.window import LATEST_NS, Window

#: Rows of one id read to see whether several tenants have it.
_SAME_ID_MAX = 100

Row = dict[str, Any]


class DecisionQuery(ListQuery):
    """Which decisions."""

    service: Text = Field("", examples=["grader"])
    name: Text = Field("", description="Part of the decision's name, in any case.")
    model: Text = Field("", description="Name of the model.", examples=["essay-grader"])
    route: Text = Field("", description="auto, human or fallback.", examples=["human"])
    outcome: Text = Field("", examples=["B+"])
    subject: Text = Field("", examples=["essay-1"])
    min_confidence: float | None = Field(
        None, ge=0, le=1, description="Least confidence; leaves out decisions without one."
    )
    max_confidence: float | None = Field(
        None, ge=0, le=1, description="Greatest confidence; leaves out decisions without one."
    )

    @property
    def filters(self) -> dict[str, Any]:
        """The filters as the query takes them."""
        return self.model_dump(
            include={
                "service",
                "name",
                "model",
                "route",
                "outcome",
                "subject",
                "min_confidence",
                "max_confidence",
            }
        )


class Decisions:
    """Lists decisions and reads one."""

    def __init__(self, store: Store, clock_ns: Callable[[], int]) -> None:
        self._store = store
        self._clock_ns = clock_ns

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(tags=["decisions"])
        router.get("/v1/decisions", response_model=DecisionPage)(self.list_decisions)
        # An id is the sender's to choose and may hold a slash.
        router.get(
            "/v1/decisions/{decision_id:path}",
            response_model=DecisionDetail,
        )(self.read_decision)
        return router

    def list_decisions(self, reader: Reader, query: Annotated[DecisionQuery, Query()]) -> Response:
        """List the decisions of a window, newest first."""
        now = self._clock_ns()
        tenants = reader.scope(query.chosen)
        start = pages.position("decisions", query, (int, str, str), now)
        found = self._page(start, query, tenants)
        shown = found[: query.limit]
        more = len(found) > query.limit
        return Json(
            {
                "window": interval(start.window),
                "as_of": timestamp(now),
                "items": [decision_rows.summary(row) for row in shown],
                "next_cursor": _next(start.window, shown[-1]) if more else None,
            }
        )

    def read_decision(
        self,
        reader: Reader,
        decision_id: Annotated[str, Path(description="`answerable.decision.id`, or a span id.")],
        query: Annotated[TenantQuery, Query()],
    ) -> Response:
        """Read one decision with its features, its usage and the record that reported it."""
        if len(decision_id) > TEXT_CHARS_MAX:
            raise InvalidInputError(
                f"decision_id has {len(decision_id)} characters; at most {TEXT_CHARS_MAX}.",
                field="decision_id",
            )
        row = self._find(decision_id, reader.scope(query.chosen))
        used = decision_usage.usage_of(self._store, row)
        summary = decision_rows.summary(row)
        return Json(
            {
                **summary,
                "tokens": summary["tokens"] or decision_usage.tokens(used),
                "source": row["came_as"],
                "service_version": row["service_version"],
                "environment": row["environment"],
                "features": decision_rows.features(row),
                "actions": decision_rows.actions(row),
                "usage": [_meter(meter) for meter in used],
                **self._record(row),
            }
        )

    def _page(self, start: pages.Position, query: DecisionQuery, tenants: list[str]) -> list[Row]:
        window, after = start.window, start.after
        if after is not None:
            window = Window(window.from_ns, min(window.to_ns, int(after[0]) + 1))

        def fetch(part: Window, limit: int) -> list[Row]:
            before_ns, tenant, last_id = after or (part.to_ns, "", "")
            return self._store.query(
                "collector/decisions",
                {
                    **query.filters,
                    "tenants": tenants,
                    "from_ns": part.from_ns,
                    "to_ns": part.to_ns,
                    "before_ns": before_ns,
                    "before_tenant": tenant,
                    "before_id": last_id,
                    "limit": limit,
                },
            )

        return pages.newest(window, query.limit + 1, fetch)

    def _find(self, decision_id: str, tenants: list[str]) -> Row:
        found = self._store.query(
            "collector/decision",
            {
                "tenants": tenants,
                "decision_id": decision_id,
                "from_ns": 0,
                "to_ns": LATEST_NS,
                "limit": _SAME_ID_MAX,
            },
        )
        if not found:
            raise NotFoundError(
                f"There is no decision {decision_id!r} in the tenants this key may read."
            )
        owners = sorted({row["tenant"] for row in found})
        if len(owners) > 1:
            raise InvalidInputError(
                f"The decision {decision_id!r} exists for the tenants {', '.join(owners)}; "
                "name one.",
                field="tenant",
            )
        return found[0]

    def _record(self, row: Row) -> dict[str, Any]:
        """Read the span or log record that reported the decision, whole."""
        name = "collector/trace_spans" if row["came_as"] == "span" else "collector/trace_logs"
        found = self._store.query(
            name,
            {
                "tenant": row["tenant"],
                "trace_id": row["trace"],
                "span_id": row["span"],
                "event_name": "answerable.decision",
                "from_ns": row["time_ns"],
                "to_ns": row["time_ns"] + 1,
                "limit": 1,
            },
        )
        if not found:
            return {"span": {}, "span_attribute_types": {}, "resource": {}, "body": None}
        rendered = (
            span_rows.span(found[0], span_rows.Origins(self._store, row["tenant"], found))
            if row["came_as"] == "span"
            else span_rows.log(found[0])
        )
        return {
            "span": rendered["attributes"],
            "span_attribute_types": rendered["attribute_types"],
            "resource": rendered.get("resource", {}).get("attributes", {}),
            "body": rendered.get("body"),
        }


def _meter(row: Row) -> dict[str, str]:
    return {**row, "quantity": decimal(row["quantity"])}


def _next(window: Window, last: Row) -> str:
    key = (last["time_ns"], last["tenant"], last["decision_id"])
    return pages.next_cursor("decisions", window, key)
