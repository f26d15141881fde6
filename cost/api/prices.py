"""The price book over HTTP: what holds, what was said before, why a call costs what it costs."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from cost.api.price_shapes import (
    Changed,
    HistoryPage,
    ImportAnswer,
    ImportBody,
    PricePage,
    PricesBody,
    PricesQuery,
    Resolved,
    ResolveQuery,
    RowsQuery,
    price_item,
)
from cost.parts import CostParts
from cost.prices import drafts, explanation, files, selection
from cost.prices.difference import unrecorded
from cost.prices.keeper import Keeper, Recorded
from cost.prices.price import Price
from cost.prices.publication import Change
from sql import cursor
from sql.access import Principal, Role
from sql.errors import ForbiddenError, InvalidInputError
from web import window
from web.principal import Reader
from web.render import Json, timestamp

#: Rows of a change that its answer shows.
SHOWN_MAX = 100


class Prices:
    """Reads and changes the price book."""

    def __init__(self, parts: CostParts) -> None:
        self._parts = parts
        self._keeper = Keeper.of(parts)

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(prefix="/v1/prices", tags=["prices"])
        router.get("", summary="List prices", response_model=PricePage)(self.page)
        router.post("", summary="Record prices", status_code=201, response_model=Changed)(
            self.record
        )
        router.post(
            "/import", summary="Import prices", status_code=201, response_model=ImportAnswer
        )(self.import_)
        router.get("/history", summary="Every row of the book", response_model=HistoryPage)(
            self.history
        )
        router.get("/resolve", summary="What a call costs and why", response_model=Resolved)(
            self.resolve
        )
        return router

    def page(self, reader: Reader, query: Annotated[PricesQuery, Query()]) -> Response:
        """List the rows that hold at a time, as far as was known at another."""
        now = self._parts.clock()
        at, known, after = _start("prices", query, now, self._instant(query.as_of, now, "as_of"))
        wanted = self._wanted(reader, query)
        tier = None if not query.service_tier else drafts.standard(query.service_tier)
        found = [
            price
            for price in selection.holding(self._keeper.book(known), at)
            if wanted(price)
            and tier in {None, price.service_tier}
            and price.source.startswith(query.source)
        ]
        found.sort(key=selection.order)
        shown, more = _page(found, after, query.limit, selection.order)
        return Json(
            {
                "as_of": timestamp(at),
                "known_at": timestamp(known),
                "items": [price_item(price) for price in shown],
                "next_cursor": _next("prices", at, known, selection.order(shown[-1]))
                if more
                else None,
            }
        )

    def history(self, reader: Reader, query: Annotated[RowsQuery, Query()]) -> Response:
        """List every row there ever was, with who recorded it, why, and what replaced it."""
        now = self._parts.clock()
        _, known, after = _start("history", query, now, 0)
        book, wanted = self._keeper.book(known), self._wanted(reader, query)
        found = sorted(filter(wanted, book.prices), key=selection.newest_first)
        shown, more = _page(found, after, query.limit, selection.newest_first)
        later = selection.superseded(book, shown)
        items = [{**price_item(one), "superseded_by": later[one.price_id]} for one in shown]
        mark = _next("history", 0, known, selection.newest_first(shown[-1])) if more else None
        return Json({"known_at": timestamp(known), "items": items, "next_cursor": mark})

    def resolve(self, reader: Reader, query: Annotated[ResolveQuery, Query()]) -> Response:
        """Say what one unit costs in a call, by which rule, and from which rows."""
        now = self._parts.clock()
        if query.chosen:
            reader.scope(query.chosen)
        at, known = self._instant(query.at, now, "at"), self._instant(query.known_at, now)
        call = explanation.Call(
            query.tenant,
            query.provider,
            query.model,
            query.meter,
            query.service_tier,
            at,
            query.context_tokens,
        )
        found = explanation.explain(self._keeper.book(known), call)
        rows = [price_item(row) for row in found.rows if _may_see(reader, row)]
        return Json({**found.facts(), "known_at": timestamp(known), "rows": rows})

    def record(self, reader: Reader, body: PricesBody) -> Response:
        """Record prices, discounts, factors or withdrawals, all or none."""
        now = self._parts.clock()
        labels = [f"price {number}" for number in range(1, len(body.prices) + 1)]
        found = [
            files.each(label, partial(drafts.price, fields.model_dump(), now))
            for label, fields in zip(labels, body.prices, strict=True)
        ]
        _may_change(reader, found)
        change = self._keeper.change(reader.key_id, body.approver, body.reason)
        done = self._keeper.record(found, change, labels=labels, dry_run=body.dry_run)
        return Json(_changed(done, dry_run=body.dry_run), status_code=201)

    def import_(self, reader: Reader, body: ImportBody) -> Response:
        """Import the bundled list or a file: what the book does not say yet, all or nothing."""
        change = self._keeper.change(reader.key_id, body.approver, body.reason)
        if body.source == "genai-prices":
            _may_change(reader, [])
            return self._import_bundled(body, change)
        found, labels = files.prices(
            body.content, body.source, self._parts.clock(), source=body.name or body.source
        )
        _may_change(reader, found, labels)
        fresh = unrecorded(found, self._keeper.book())
        done = self._keeper.record(
            [found[at] for at in fresh],
            change,
            labels=[labels[at] for at in fresh],
            dry_run=body.dry_run,
        )
        gone = sum(price.kind == "withdrawn" for price in done.prices)
        return Json(
            {
                **_changed(done, dry_run=body.dry_run),
                "source": body.name or body.source,
                "rows_read": len(found),
                "new": len(fresh) - gone,
                "changed": 0,
                "gone": gone,
                "unchanged": len(found) - len(fresh),
                "skipped": [],
            },
            status_code=201,
        )

    def _import_bundled(self, body: ImportBody, change: Change) -> Response:
        done = self._keeper.import_bundled(change, dry_run=body.dry_run, restate=body.restate)
        new, changed, gone = (len(part) for part in done.difference)
        return Json(
            {
                **_changed(done.recorded, dry_run=body.dry_run),
                "source": done.listed.source,
                "rows_read": len(done.listed.prices),
                "new": new,
                "changed": changed,
                "gone": gone,
                "unchanged": len(done.listed.prices) - new - changed,
                "skipped": [one._asdict() for one in done.listed.skipped],
            },
            status_code=201,
        )

    def _wanted(self, reader: Principal, query: RowsQuery) -> selection.Wanted:
        if query.chosen:
            reader.scope(query.chosen)
        return selection.Wanted(
            tenants=None if reader.all_tenants else frozenset(("", *reader.tenants)),
            tenant="" if query.list_only else query.chosen,
            provider=query.provider,
            model=query.model,
            meter=query.meter,
        )

    def _instant(self, text: str, now_ns: int, field: str = "known_at") -> int:
        return window.instant(text, now_ns, field) if text else now_ns


def _start(
    name: str, query: RowsQuery, now_ns: int, at_ns: int
) -> tuple[int, int, tuple[int | str, ...] | None]:
    """Find where a page starts; a cursor keeps the times of the first page."""
    if query.cursor:
        kinds = (str, int, int, *selection.KINDS[name])
        held = cursor.decode(query.cursor, kinds)
        if held[0] != name:
            raise InvalidInputError("The cursor is not one this list gave out.", field="cursor")
        return int(held[1]), int(held[2]), held[3:]
    asked = query.known_at
    return at_ns, window.instant(asked, now_ns, "known_at") if asked else now_ns, None


def _page(
    found: list[Price],
    after: tuple[int | str, ...] | None,
    limit: int,
    key: selection.KeyOf,
) -> tuple[list[Price], bool]:
    rest = found if after is None else [price for price in found if key(price) > after]
    return rest[:limit], len(rest) > limit


def _next(name: str, at_ns: int, known_ns: int, key: tuple[int | str, ...]) -> str:
    return cursor.encode((name, at_ns, known_ns, *key))


def _may_see(reader: Principal, price: Price) -> bool:
    return not price.tenant or reader.all_tenants or price.tenant in reader.tenants


def _may_change(reader: Principal, prices: list[Price], labels: list[str] | None = None) -> None:
    """Refuse a key without the right; the list is changed by keys for all tenants only."""
    reader.require(Role.FINANCE, Role.OPERATOR)
    if reader.all_tenants:
        return
    if not prices:
        raise ForbiddenError(
            "The price list holds for everybody; this needs a key for all tenants."
        )
    for at, price in enumerate(prices):
        if not price.tenant:
            label = labels[at] if labels else f"price {at + 1}"
            raise ForbiddenError(
                f"{label} is of the list, which holds for everybody and needs a key for all "
                f"tenants; name one of {', '.join(reader.tenants)}.",
                field="tenant",
            )
        reader.scope(price.tenant)


def _changed(done: Recorded, *, dry_run: bool) -> dict[str, Any]:
    return {
        "change_id": done.change.change_id,
        "dry_run": dry_run,
        "book_version": done.book_version,
        "names_changed": done.names_changed,
        "recorded": 0 if dry_run else len(done.prices),
        "items": [price_item(price) for price in done.prices[:SHOWN_MAX]],
    }
