"""Exchange rates over HTTP: the rates of days, and what one is worth on a day."""

from datetime import UTC, date, datetime
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from cost.api.price_shapes import FILE_CHARS_MAX, PRICES_MAX, Value
from cost.parts import CostParts
from cost.prices import exchange, files
from cost.prices.currencies import currency
from cost.prices.rates import Rates
from sql import cursor
from sql.access import Role
from sql.errors import ForbiddenError, InvalidInputError
from web import window
from web.parameters import LIMIT_MAX, TEXT_CHARS_MAX
from web.principal import Reader
from web.render import Json, decimal, timestamp
from web.shapes import TIME, Shape


class RatesQuery(BaseModel):
    """A page of rates."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    currency: str = Field("", max_length=3, description="One side of the pair.", examples=["EUR"])
    from_day: date = Field(date(1970, 1, 1), description="Included.", examples=["2026-11-01"])
    to_day: date = Field(date(2149, 6, 6), description="Included.", examples=["2026-11-30"])
    known_at: str = Field("", max_length=64, description="As known at this time; now if left out.")
    limit: int = Field(50, ge=1, le=LIMIT_MAX, description="Most items in the answer.")
    cursor: str = Field("", max_length=4096, description="`next_cursor` of the page before.")


class RateQuery(BaseModel):
    """A pair and a day."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base: str = Field(max_length=3, examples=["EUR"])
    quote: str = Field(max_length=3, examples=["USD"])
    day: date | None = Field(None, description="Today where left out.", examples=["2026-11-22"])
    known_at: str = Field("", max_length=64, description="As known at this time; now if left out.")


class RateFields(BaseModel):
    """What one unit of `base` is worth in `quote` on a day."""

    model_config = ConfigDict(extra="forbid")

    base: Value = Field("", examples=["EUR"])
    quote: Value = Field("", examples=["USD"])
    day: Value = Field("", examples=["2026-11-20"])
    rate: Value = Field("", examples=["1.0843"])
    source: Value = Field("", examples=["ECB reference rates"])


class RatesBody(BaseModel):
    """Rates to record, all or none: a list of them, or a file."""

    model_config = ConfigDict(extra="forbid")

    rates: list[RateFields] = Field(default_factory=list, max_length=PRICES_MAX)
    format: Literal["csv", "yaml"] = "csv"
    content: str = Field("", max_length=FILE_CHARS_MAX, description="base,quote,day,rate,source")
    name: str = Field("", max_length=TEXT_CHARS_MAX, description="Source of rates without one.")


class RateItem(Shape):
    """A recorded rate."""

    base: str = Field(examples=["EUR"])
    quote: str = Field(examples=["USD"])
    day: str = Field(examples=["2026-11-20"])
    rate: str = Field(description="Exact.", examples=["1.0843"])
    source: str = Field(examples=["ECB reference rates"])
    actor: str = Field(examples=["k1"])
    recorded_at: str = Field(examples=[TIME])


class RatePage(Shape):
    """Rates by pair and day."""

    known_at: str = Field(examples=[TIME])
    items: list[RateItem]
    next_cursor: str | None


class RateAnswer(Shape):
    """The rate that holds on a day."""

    base: str = Field(examples=["EUR"])
    quote: str = Field(examples=["USD"])
    day: str = Field(examples=["2026-11-22"])
    rate: str = Field(examples=["1.0843"])
    rate_day: str = Field(description="The day it was recorded for.", examples=["2026-11-20"])
    rule: str = Field(examples=["EUR/USD of 2026-11-20"])


class RecordedRates(Shape):
    """How many rates were recorded."""

    recorded: int = Field(examples=[30])


class Fx:
    """Reads and records exchange rates."""

    def __init__(self, parts: CostParts) -> None:
        self._store = parts.store
        self._clock = parts.clock

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(prefix="/v1/fx", tags=["prices"])
        router.get("", summary="List exchange rates", response_model=RatePage)(self.page)
        router.get("/rate", summary="The rate of a day", response_model=RateAnswer)(self.rate)
        router.post(
            "", summary="Record exchange rates", status_code=201, response_model=RecordedRates
        )(self.record)
        return router

    def page(self, _reader: Reader, query: Annotated[RatesQuery, Query()]) -> Response:
        """List the rates of days, of each day the one recorded last."""
        after: list[str] = []
        known = self._known(query.known_at)
        if query.cursor:
            held = cursor.decode(query.cursor, (str, int, str, str, str))
            if held[0] != "fx":
                raise InvalidInputError("The cursor is not one this list gave out.", field="cursor")
            known, after = int(held[1]), [str(value) for value in held[2:]]
        rows = self._store.query(
            "cost/fx_rates",
            {
                "currencies": [currency(query.currency)] if query.currency else [],
                "from_day": query.from_day,
                "to_day": query.to_day,
                "known_ns": known,
                "after": after,
                "limit": query.limit + 1,
            },
        )
        items = [_item(row) for row in rows[: query.limit]]
        last = items[-1] if len(rows) > query.limit else None
        mark = last and cursor.encode(("fx", known, last["base"], last["quote"], last["day"]))
        return Json({"known_at": timestamp(known), "items": items, "next_cursor": mark})

    def rate(self, _reader: Reader, query: Annotated[RateQuery, Query()]) -> Response:
        """Find the rate of a day: the latest on or before it, the inverse, or through a third."""
        day = query.day or datetime.fromtimestamp(self._clock() // 10**9, UTC).date()
        found = Rates(self._store, self._known(query.known_at)).rate(query.base, query.quote, day)
        return Json(
            {
                "base": query.base.upper(),
                "quote": query.quote.upper(),
                "day": str(day),
                "rate": decimal(found.value),
                "rate_day": str(found.day),
                "rule": found.rule,
            }
        )

    def record(self, reader: Reader, body: RatesBody) -> Response:
        """Record rates, all or none. They hold for everybody."""
        reader.require(Role.FINANCE, Role.OPERATOR)
        if not reader.all_tenants:
            raise ForbiddenError("Exchange rates hold for everybody; this needs another key.")
        now = self._clock()
        rows: list[Any] = [fields.model_dump() for fields in body.rates]
        labels = [f"rate {number}" for number in range(1, len(rows) + 1)]
        if body.content:
            read = files.read(body.content, body.format)
            rows, labels = [*rows, *read.rows], [*labels, *read.labels]
        if not rows:
            raise InvalidInputError("There is no rate; send rates or a file.", field="rates")
        found = [
            files.each(label, partial(exchange.day_rate, row, now))
            for row, label in zip(rows, labels, strict=True)
        ]
        named = [rate if rate.source else rate._replace(source=body.name) for rate in found]
        exchange.record(self._store, self._clock, named, reader.key_id)
        return Json({"recorded": len(named)}, status_code=201)

    def _known(self, text: str) -> int:
        now = self._clock()
        return window.instant(text, now, "known_at") if text else now


def _item(row: dict[str, Any]) -> dict[str, Any]:
    times = {"day": str(row["day"]), "recorded_at": timestamp(row["recorded_at"])}
    return {**row, **times, "rate": decimal(row["rate"])}
