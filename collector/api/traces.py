"""`GET /v1/traces` and `GET /v1/traces/{trace_id}`."""

import re
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from collector.api import decision_rows, span_rows, trace_pages
from collector.api.trace_pages import TraceFinder
from collector.api.trace_shapes import TraceDetail, TracePage
from sql.client import Store
from sql.errors import InvalidInputError, NotFoundError
from web import pages
from web.parameters import ListQuery, TenantQuery, Text
from web.principal import Reader
from web.render import Json, interval, timestamp
from web.shapes import TRACE_ID
from web.window import HOUR_NS, LATEST_NS, Window

SPANS_MAX = 10_000
LOGS_MAX = 1_000
DECISIONS_MAX = 1_000

_TRACE_ID = re.compile(r"[0-9a-fA-F]{32}")
_ALL_TIME = Window(0, LATEST_NS)


class TraceQuery(ListQuery):
    """Which traces."""

    service: Text = Field("", description="A service that took part.", examples=["grader"])
    name: Text = Field("", description="Part of the root span's name, in any case.")
    model: Text = Field("", description="A model that some span of it used.")
    errors: bool = Field(False, description="Only traces with a failed span.")
    min_duration_ns: int = Field(0, ge=0, lt=2**63, description="Shortest, in nanoseconds.")

    @property
    def filters(self) -> dict[str, Any]:
        """The filters as the query takes them."""
        return {
            "service": self.service,
            "name": self.name,
            "model": self.model,
            "errors": int(self.errors),
            "min_duration_ns": self.min_duration_ns,
        }


class Traces:
    """Lists traces and reads one."""

    def __init__(self, store: Store, clock_ns: Callable[[], int]) -> None:
        self._store = store
        self._clock_ns = clock_ns

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(tags=["traces"])
        router.get("/v1/traces", response_model=TracePage)(self.list_traces)
        router.get("/v1/traces/{trace_id}", response_model=TraceDetail)(self.read_trace)
        return router

    def list_traces(self, reader: Reader, query: Annotated[TraceQuery, Query()]) -> Response:
        """List the traces that started in a window, newest first."""
        now = self._clock_ns()
        tenants = reader.scope(query.chosen)
        start = pages.position("traces", query, (int, str, str), now)
        finder = TraceFinder(self._store, tenants, query.filters)
        found = finder.find(start.window, start.after, query.limit + 1)  # type: ignore[arg-type]
        shown = found[: query.limit]
        counted = trace_pages.counts(self._store, shown)
        return Json(
            {
                "window": interval(start.window),
                "as_of": timestamp(now),
                "items": [_summary(row, counted) for row in shown],
                "next_cursor": _next(start.window, shown) if len(found) > query.limit else None,
            }
        )

    def read_trace(
        self,
        reader: Reader,
        trace_id: Annotated[str, Path(description="32 hexadecimal digits.", examples=[TRACE_ID])],
        query: Annotated[TenantQuery, Query()],
    ) -> Response:
        """Read one trace with its spans, logs and decisions."""
        if not _TRACE_ID.fullmatch(trace_id) or not trace_id.strip("0"):
            raise InvalidInputError(
                f"trace_id is {trace_id[:80]!r}; it is 32 hexadecimal digits, not all zero.",
                field="trace_id",
            )
        found = self._bounds(trace_id.lower(), reader.scope(query.chosen))
        return Json({**self._detail(found), "as_of": timestamp(self._clock_ns())})

    def _bounds(self, trace_id: str, tenants: list[str]) -> dict[str, Any]:
        found = TraceFinder(self._store, tenants, {}).bounds([trace_id], _ALL_TIME)
        if not found:
            raise NotFoundError(f"There is no trace {trace_id} in the tenants this key may read.")
        if len(found) > 1:
            named = ", ".join(row["tenant"] for row in found)
            raise InvalidInputError(
                f"The trace {trace_id} exists for the tenants {named}; name one.", field="tenant"
            )
        return found[0]

    def _detail(self, found: dict[str, Any]) -> dict[str, Any]:
        tenant, trace_id = found["tenant"], found["trace_id_hex"]
        of_spans = Window(found["start_ns"], found["end_ns"] + 1)
        near = Window(max(0, of_spans.from_ns - HOUR_NS), of_spans.to_ns + HOUR_NS)
        spans = self._spans(tenant, trace_id, of_spans)
        origins = span_rows.Origins(self._store, tenant, spans[:SPANS_MAX])
        logs = self._logs(tenant, trace_id, near)
        decisions = self._decisions(tenant, trace_id, near)
        return {
            "tenant": tenant,
            "trace_id": trace_id,
            "start_time": timestamp(found["start_ns"]),
            "duration_ns": found["end_ns"] - found["start_ns"],
            "spans": [span_rows.span(row, origins) for row in spans[:SPANS_MAX]],
            "logs": [span_rows.log(row) for row in logs[:LOGS_MAX]],
            "decisions": [decision_rows.summary(row) for row in decisions[:DECISIONS_MAX]],
            "truncated": len(spans) > SPANS_MAX
            or len(logs) > LOGS_MAX
            or len(decisions) > DECISIONS_MAX,
        }

    def _spans(self, tenant: str, trace_id: str, window: Window) -> list[dict[str, Any]]:
        return self._store.query(
            "collector/trace_spans",
            {
                "tenant": tenant,
                "trace_id": trace_id,
                "span_id": "",
                "from_ns": window.from_ns,
                "to_ns": window.to_ns,
                "limit": SPANS_MAX + 1,
            },
        )

    def _logs(self, tenant: str, trace_id: str, window: Window) -> list[dict[str, Any]]:
        return self._store.query(
            "collector/trace_logs",
            {
                "tenant": tenant,
                "trace_id": trace_id,
                "span_id": "",
                "event_name": "",
                "from_ns": window.from_ns,
                "to_ns": window.to_ns,
                "limit": LOGS_MAX + 1,
            },
        )

    def _decisions(self, tenant: str, trace_id: str, window: Window) -> list[dict[str, Any]]:
        return self._store.query(
            "collector/trace_decisions",
            {
                "tenant": tenant,
                "trace_id": trace_id,
                "from_ns": window.from_ns,
                "to_ns": window.to_ns,
                "limit": DECISIONS_MAX + 1,
            },
        )


_NOTHING: dict[str, Any] = {"spans": 0, "errors": 0, "decisions": 0, "tokens": 0}


def _summary(row: dict[str, Any], counted: dict[tuple[str, str], dict[str, Any]]) -> dict[str, Any]:
    # Retention may have taken the spans a moment before their summary.
    amounts = counted.get((row["tenant"], row["trace_id_hex"]), _NOTHING)
    return {
        "tenant": row["tenant"],
        "trace_id": row["trace_id_hex"],
        "root_name": row["root"],
        "root_service": row["service"],
        "services": row["services"],
        "start_time": timestamp(row["start_ns"]),
        "duration_ns": row["end_ns"] - row["start_ns"],
        "spans": amounts["spans"],
        "errors": amounts["errors"],
        "decisions": amounts["decisions"],
        "tokens": int(amounts["tokens"]),
    }


def _next(window: Window, shown: list[dict[str, Any]]) -> str:
    last = shown[-1]
    key = (last["start_ns"], last["tenant"], last["trace_id_hex"])
    return pages.next_cursor("traces", window, key)
