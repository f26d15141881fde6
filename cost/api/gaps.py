"""What stands between usage and money: no price, reports that cannot be, restatements under way."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from cost.api.asking import ChargesQuery
from cost.api.ledger_shapes import QuarantinePage, RestatementsPage, UnpricedPage
from cost.parts import CostParts
from sql import cursor
from sql.errors import ForbiddenError
from web.parameters import LIMIT_MAX, TenantQuery
from web.principal import Reader
from web.render import Json, decimal, interval, timestamp
from web.window import HOUR_NS, SECOND_NS, Window

_NEWEST = 2**63 - 1


class GapsQuery(ChargesQuery):
    """Which window, and how many groups."""

    limit: int = Field(200, ge=1, le=LIMIT_MAX, description="Most items in the answer.")


class RestatementsQuery(TenantQuery):
    """A page of published books."""

    limit: int = Field(50, ge=1, le=LIMIT_MAX, description="Most items in the answer.")
    cursor: str = Field("", max_length=4096, description="`next_cursor` of the page before.")


class Gaps:
    """Says what is missing from the money, and why."""

    def __init__(self, parts: CostParts) -> None:
        self._store = parts.store
        self._clock = parts.clock

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(tags=["costs"])
        router.get("/v1/costs/unpriced", response_model=UnpricedPage)(self.read_unpriced)
        router.get("/v1/costs/quarantine", response_model=QuarantinePage)(self.read_quarantine)
        router.get("/v1/costs/restatements", response_model=RestatementsPage)(
            self.read_restatements
        )
        return router

    def read_unpriced(self, reader: Reader, query: Annotated[GapsQuery, Query()]) -> Response:
        """List what is used without a price, by what a price would be set for; in whole hours."""
        now = self._clock()
        asked = query.period(now)
        window = Window(asked.from_ns // HOUR_NS * HOUR_NS, -(-asked.to_ns // HOUR_NS) * HOUR_NS)
        rows = self._read("cost/unpriced", reader, query, window, now)
        return Json({**_frame(query, window, now), "items": [_unpriced(row) for row in rows]})

    def read_quarantine(self, reader: Reader, query: Annotated[GapsQuery, Query()]) -> Response:
        """List what was reported and cannot be; it is kept, and never money."""
        now = self._clock()
        window = query.period(now)
        rows = self._read("cost/quarantine", reader, query, window, now)
        return Json({**_frame(query, window, now), "items": [_quarantined(row) for row in rows]})

    def read_restatements(
        self,
        reader: Reader,
        query: Annotated[RestatementsQuery, Query()],
    ) -> Response:
        """List the published price books with what each booked in the past.

        A book is everybody's, so this needs a key for every tenant; what it changed for one tenant
        is in its own charges of kind `correction` and `late_price`.
        """
        if not reader.all_tenants:
            raise ForbiddenError(
                f"The key {reader.key_id} is scoped to tenants, and restatements concern all of "
                "them; read /v1/costs/charges?kind=correction instead."
            )
        before = int(cursor.decode(query.cursor, (int,))[0]) if query.cursor else _NEWEST
        parameters = {"before_version": before, "limit": query.limit + 1}
        rows = self._store.query("cost/restatements", parameters)
        shown = rows[: query.limit]
        more = len(rows) > query.limit
        return Json(
            {
                "items": [_restatement(row) for row in shown],
                "next_cursor": cursor.encode((shown[-1]["book_version"],)) if more else None,
            }
        )

    def _read(
        self, name: str, reader: Reader, query: GapsQuery, window: Window, now_ns: int
    ) -> list[dict[str, Any]]:
        parameters = {
            "tenants": reader.scope(query.chosen),
            "from_ns": window.from_ns,
            "to_ns": window.to_ns,
            "known_ns": query.known_ns(now_ns),
            "limit": query.limit,
        }
        return self._store.query(name, parameters)


def _frame(query: GapsQuery, window: Window, now_ns: int) -> dict[str, Any]:
    as_of_ns = query.as_of_ns(now_ns)
    return {
        "window": interval(window),
        "as_of": None if as_of_ns is None else timestamp(as_of_ns),
        "known_at": timestamp(query.known_ns(now_ns)),
        "currency": None,
    }


def _unpriced(row: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("tenant", "provider", "model", "meter", "unit")},
        "tier": row["service_tier"],
        "reason": "no_model" if row["unit"] == "tokens" and not row["model"] else "no_price",
        "charges": row["charges"],
        "quantity": decimal(row["total_quantity"]),
        "first": timestamp(row["first_s"] * SECOND_NS),
        "last": timestamp(row["last_s"] * SECOND_NS),
    }


def _quarantined(row: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("tenant", "provider", "model", "meter", "charges")},
        "service": row["service_name"],
        "reason": row["state_reason"],
        "reported": row["reported_last"],
        "trace_id": row["trace_last"],
        "span_id": row["span_last"],
        "last": timestamp(row["last_ns"]),
    }


def _restatement(row: dict[str, Any]) -> dict[str, Any]:
    state = "final" if row["finished"] else "booked" if row["passes"] else "due"
    return {
        "book_version": row["book_version"],
        "published_at": timestamp(row["published_ns"]),
        **{name: row[name] for name in ("points", "change_id", "actor", "approver", "reason")},
        "state": state,
        "late_prices": row["late_prices"],
        "corrections": row["corrections"],
        "cost_changes": {
            currency: decimal(cost) for currency, cost in row["cost_changes"].items() if cost
        },
    }
