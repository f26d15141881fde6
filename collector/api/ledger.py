"""`GET /v1/ledger`: what became of everything that was sent."""

from collections.abc import Callable
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Query, Response
from pydantic import Field

from collector.api import buckets
from collector.api.ledger_shapes import LedgerAnswer, Signal, State
from sql.client import Store
from web import pages
from web.parameters import ListQuery
from web.principal import Reader
from web.render import Json, interval, timestamp
from web.window import SECOND_NS, Window

STATES: tuple[State, ...] = get_args(State)

#: Most rows by tenant, signal, state and reason in an answer; the totals count every one.
ROWS_MAX = 1000
IMBALANCES_MAX = 100

_RECENT_KEY = ("tenant", "kind", "outcome", "reason", "request_id", "key_id")
_KINDS = (int, *(str,) * len(_RECENT_KEY))

Row = dict[str, Any]


class LedgerQuery(ListQuery):
    """Which arrivals; the window bounds when they arrived, not what time they carry."""

    signal: Signal | None = Field(None, description="Only this signal.")


class Ledger:
    """Reads the ingest ledger."""

    def __init__(self, store: Store, clock_ns: Callable[[], int]) -> None:
        self._store = store
        self._clock_ns = clock_ns

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(tags=["ledger"])
        router.get("/v1/ledger", response_model=LedgerAnswer)(self.read_ledger)
        return router

    def read_ledger(self, reader: Reader, query: Annotated[LedgerQuery, Query()]) -> Response:
        """Say what became of everything that arrived in a window."""
        now = self._clock_ns()
        scope = {"tenants": reader.scope(query.chosen), "signal": query.signal or ""}
        start = pages.position("ledger", query, _KINDS, now)
        recent = self._recent(start, scope, query.limit + 1)
        shown = recent[: query.limit]
        more = len(recent) > query.limit
        return Json(
            {
                "window": interval(start.window),
                "as_of": timestamp(now),
                **self._sums(start.window, scope),
                "recent": [_request(row) for row in shown],
                "next_cursor": _next(start, shown[-1]) if more else None,
            }
        )

    def _sums(self, window: Window, scope: dict[str, Any]) -> dict[str, Any]:
        length = buckets.length_s(window)
        span = {**scope, "from_ns": window.from_ns, "to_ns": window.to_ns}
        series = self._store.query(
            "collector/ledger_series", {**span, "bucket_ns": length * SECOND_NS}
        )
        wrong = self._store.query("collector/ledger_imbalances", {**span, "limit": IMBALANCES_MAX})
        rows = self._store.query("collector/ledger_rows", {**span, "limit": ROWS_MAX})
        return {
            "balanced": not wrong,
            "unbalanced": [_imbalance(row) for row in wrong],
            "totals": {state: _total(series, state) for state in STATES},
            "rows": [_row(row) for row in rows],
            "bucket_s": length,
            "series": [_point(row, length) for row in series],
        }

    def _recent(self, start: pages.Position, scope: dict[str, Any], wanted: int) -> list[Row]:
        window, after = start.window, start.after
        if after is not None:
            window = Window(window.from_ns, min(window.to_ns, int(after[0]) + 1))

        def fetch(part: Window, limit: int) -> list[Row]:
            before_ns, *before = after or (part.to_ns,)
            return self._store.query(
                "collector/ledger_recent",
                {
                    **scope,
                    "from_ns": part.from_ns,
                    "to_ns": part.to_ns,
                    "before_ns": before_ns,
                    "before": before,
                    "limit": limit,
                },
            )

        return pages.newest(window, wanted, fetch)


def _total(series: list[Row], state: str) -> dict[str, int]:
    rows = [row for row in series if row["outcome"] == state]
    return {
        "items": sum(row["total_items"] for row in rows),
        "requests": sum(row["total_requests"] for row in rows),
        "bytes": sum(row["total_bytes"] for row in rows),
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "tenant": row["tenant"],
        "signal": row["kind"],
        "state": row["outcome"],
        "reason": row["reason"],
        "items": row["total_items"],
        "requests": row["total_requests"],
        "bytes": row["total_bytes"],
    }


def _point(row: Row, length: int) -> dict[str, Any]:
    return {
        "time": timestamp(row["bucket"] * length * SECOND_NS),
        "state": row["outcome"],
        "items": row["total_items"],
        "requests": row["total_requests"],
    }


def _imbalance(row: Row) -> dict[str, Any]:
    return {
        "tenant": row["tenant"],
        "signal": row["kind"],
        "items": row["missing_items"],
        "requests": row["missing_requests"],
    }


def _request(row: Row) -> dict[str, Any]:
    return {
        "time": timestamp(row["time_ns"]),
        "tenant": row["tenant"],
        "signal": row["kind"],
        "state": row["outcome"],
        "reason": row["reason"],
        "items": row["items"],
        "requests": row["requests"],
        "bytes": row["bytes"],
        "request_id": row["request_id"],
        "key_id": row["key_id"],
    }


def _next(start: pages.Position, last: Row) -> str:
    key = (last["time_ns"], *(last[name] for name in _RECENT_KEY))
    return pages.next_cursor("ledger", start.window, key)
