"""`GET /v1/costs/charges`: the ledger itself, row by row."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field

from cost.api.asking import ChargesQuery
from cost.api.ledger_shapes import ChargesPage
from cost.parts import CostParts
from cost.reports.dimensions import FILTERS
from sql.errors import InvalidInputError
from web import pages
from web.parameters import ListQuery, Text
from web.principal import Reader
from web.render import Json, decimal, interval, timestamp
from web.window import Window

_Row = dict[str, Any]
_HEX = frozenset("0123456789abcdef")

#: Types of the list's sort key after the time: tenant, trace, span, meter, entry; and before it,
#: when the first page was known.
_KINDS = (int, int, str, str, str, str, str)


class LedgerQuery(ChargesQuery, ListQuery):
    """Which rows."""

    trace_id: Text = Field("", description="Of one trace.", examples=["5b8efff7980381"])
    state: Literal["", "priced", "unpriced", "free", "aggregate", "quarantined"] = Field("")
    reason: Text = Field("", description="`state_reason` of the row.", examples=["no_price"])
    price_id: Text = Field("", examples=["p-5f0c"])
    change_id: Text = Field("", examples=["c-1"])

    @property
    def trace_hex(self) -> str:
        """The trace asked for; raises InvalidInputError for what is not an id."""
        text = self.trace_id.lower()
        if text and (len(text) != 32 or set(text) - _HEX):
            raise InvalidInputError(
                f"trace_id is {self.trace_id!r}; write its 32 hexadecimal digits.", field="trace_id"
            )
        return text


class Ledger:
    """Lists charges."""

    def __init__(self, parts: CostParts) -> None:
        self._store = parts.store
        self._clock = parts.clock

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(tags=["costs"])
        router.get("/v1/costs/charges", response_model=ChargesPage)(self.read_charges)
        return router

    def read_charges(self, reader: Reader, query: Annotated[LedgerQuery, Query()]) -> Response:
        """List what was booked, newest first: each row with its price, its rule and its reason."""
        now = self._clock()
        start = pages.position("charges", query, _KINDS, now)
        after = start.after or ()
        known_ns = int(after[0]) if after else query.known_ns(now)
        window = start.window if after else query.period(now)
        position = (window.to_ns, []) if not after else (int(after[1]), [*after[2:]])
        found = self._page(query, reader.scope(query.chosen), window, known_ns, position)
        shown = found[: query.limit]
        more = len(found) > query.limit
        return Json(
            {
                "window": interval(window),
                "as_of": timestamp(query.as_of_ns(now) or now) if query.as_of else None,
                "known_at": timestamp(known_ns),
                "currency": None,
                "items": [_charge(row) for row in shown],
                "next_cursor": _next(window, known_ns, shown[-1]) if more else None,
            }
        )

    def _page(
        self,
        query: LedgerQuery,
        tenants: list[str],
        window: Window,
        known_ns: int,
        position: tuple[int, list[Any]],
    ) -> list[_Row]:
        filters = query.filters
        parameters = {
            "tenants": tenants,
            "known_ns": known_ns,
            "trace_id": query.trace_hex,
            "state": query.state,
            "state_reason": query.reason,
            "price_id": query.price_id,
            "change_id": query.change_id,
            "before_ns": position[0],
            "before_key": position[1],
            **{key: [filters[key]] if key in filters else [] for key in FILTERS},
        }

        def fetch(part: Window, limit: int) -> list[_Row]:
            bounds = {"from_ns": part.from_ns, "to_ns": part.to_ns, "limit": limit}
            return self._store.query("cost/charges", parameters | bounds)

        readable = Window(window.from_ns, min(window.to_ns, position[0] + 1))
        return pages.newest(readable, query.limit + 1, fetch)


def _charge(row: _Row) -> dict[str, Any]:
    has_money = bool(row["currency"])
    return {
        "tenant": row["tenant"],
        "time": timestamp(row["time_ns"]),
        "trace_id": row["trace"],
        "span_id": row["span"],
        "meter": row["meter"],
        "kind": row["kind_name"],
        "entry": row["entry"],
        "state": row["state_name"],
        "state_reason": row["state_reason"],
        "quantity": decimal(row["quantity"]),
        "unit": row["unit"],
        "events": row["events"],
        "unpriced": row["unpriced"],
        "amount": decimal(row["amount"]),
        "currency": row["currency"] or None,
        "cost": decimal(row["cost"]) if has_money else None,
        "list_cost": decimal(row["list_cost"]) if has_money else None,
        "price_id": row["price_id"],
        "price_rule": row["price_rule"],
        "tier": row["service_tier"],
        "context_tokens": row["context_tokens"],
        "service": row["service_name"],
        "feature": row["product_feature"],
        "prompt": row["prompt_name"],
        **{name: row[name] for name in _AS_THEY_ARE},
        "aggregate": bool(row["aggregate"]),
        "retry": bool(row["retry"]),
        "booked_at": timestamp(row["booked_ns"]),
    }


_AS_THEY_ARE = (
    "provider",
    "model",
    "operation",
    "environment",
    "project",
    "user",
    "connector",
    "prompt_version",
    "reported",
    "change_id",
    "reason",
    "approver",
)


def _next(window: Window, known_ns: int, last: _Row) -> str:
    key = (last["tenant"], last["trace"], last["span"], last["meter"], last["entry"])
    return pages.next_cursor("charges", window, (known_ns, last["time_ns"], *key))
