"""Invoices over HTTP: import a provider's file, and say by cause how it differs from charges."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from cost.api.invoice_shapes import (
    InvoiceFacts,
    InvoicePage,
    InvoicesQuery,
    LinePage,
    LinesQuery,
    Reconciled,
    ReconcileQuery,
    UploadQuery,
    differences_csv,
    facts,
    line_item,
)
from cost.invoices import reconciliation
from cost.invoices.imports import Invoice, Invoices, Upload
from cost.invoices.reconciliation import Difference
from cost.invoices.sides import Sides
from cost.parts import CostParts
from cost.prices.rates import Rates
from cost.reports.question import known
from sql import cursor
from sql.access import Principal, Role
from sql.errors import ForbiddenError, InvalidInputError, NotFoundError
from web import window
from web.principal import Reader
from web.render import Json, decimal, timestamp

_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The file as the provider gave it.",
        "content": {
            name: {"schema": {"type": "string", "format": "binary"}}
            for name in ("application/json", "text/csv", "application/vnd.apache.parquet")
        },
    }
}


class InvoiceResource:
    """Imports and reconciles invoices."""

    def __init__(self, parts: CostParts) -> None:
        self._parts = parts
        self._invoices = Invoices(parts)

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(prefix="/v1/invoices", tags=["invoices"])
        router.post(
            "",
            summary="Import an invoice",
            status_code=201,
            response_model=InvoiceFacts,
            responses={200: {"description": "The same file was imported before."}},
            openapi_extra=_BODY,
        )(self.upload)
        router.get("", summary="List invoices", response_model=InvoicePage)(self.page)
        one = "/{invoice_id}"
        router.get(one, summary="An invoice", response_model=InvoiceFacts)(self.one)
        router.get(f"{one}/lines", summary="Lines of an invoice", response_model=LinePage)(
            self.lines
        )
        router.get(f"{one}/reconcile", summary="Reconcile an invoice", response_model=Reconciled)(
            self.reconcile
        )
        return router

    async def upload(
        self, reader: Reader, request: Request, query: Annotated[UploadQuery, Query()]
    ) -> Response:
        """Import a usage or invoice file, all of it or nothing; once, however often it is sent."""
        reader.require(Role.FINANCE, Role.OPERATOR)
        tenant = _owner(reader, query.tenant)
        scopes = query.scopes
        for mapped in sorted({*scopes.values()}):
            reader.scope(mapped)
            if tenant and mapped != tenant:
                raise InvalidInputError(
                    f"scope maps to {mapped!r}, but the invoice is {tenant!r}'s alone; leave the "
                    "tenant out for an invoice of several.",
                    field="scope",
                )
        content = await _bounded(request, self._parts.settings.invoice_max_mib)
        upload = Upload(content, query.format, query.name, tenant, scopes, reader.key_id)
        made, is_new = await run_in_threadpool(self._invoices.take, upload)
        return Json({**facts(made), "created": is_new}, status_code=201 if is_new else 200)

    def page(self, reader: Reader, query: Annotated[InvoicesQuery, Query()]) -> Response:
        """List imported invoices, newest first."""
        before: tuple[int, str] | None = None
        if query.cursor:
            at, last = cursor.decode(query.cursor, (int, str))
            before = (int(at), str(last))
        found = self._invoices.page(reader.scope(query.chosen), before, query.limit + 1)
        held = found[: query.limit]
        more = len(found) > query.limit
        return Json(
            {
                "as_of": timestamp(self._parts.clock()),
                "items": [facts(invoice) for invoice in held],
                "next_cursor": cursor.encode((held[-1].imported_ns, held[-1].invoice_id))
                if more
                else None,
            }
        )

    def one(self, reader: Reader, invoice_id: str) -> Response:
        """Read what an import held."""
        return Json(facts(self._invoices.one(reader.scope(), invoice_id)))

    def lines(
        self, reader: Reader, invoice_id: str, query: Annotated[LinesQuery, Query()]
    ) -> Response:
        """Read lines as they stood in the file, in its order."""
        invoice = self._invoices.one(reader.scope(), invoice_id)
        after = int(cursor.decode(query.cursor, (int,))[0]) if query.cursor else 0
        rows = self._parts.store.query(
            "cost/invoice_lines",
            {
                "tenant": invoice.tenant,
                "invoice_id": invoice.invoice_id,
                "models": [query.model] if query.model else [],
                "meters": [query.meter] if query.meter else [],
                "days": [query.day_given] if query.day else [],
                "after": min(max(after, 0), 2**32 - 1),
                "limit": query.limit + 1,
            },
        )
        held = rows[: query.limit]
        more = len(rows) > query.limit
        next_cursor = cursor.encode((held[-1]["line"],)) if more else None
        return Json({"items": [line_item(row) for row in held], "next_cursor": next_cursor})

    def reconcile(
        self, reader: Reader, invoice_id: str, query: Annotated[ReconcileQuery, Query()]
    ) -> Response:
        """Compare an invoice with what was charged, by day, provider, model and meter.

        `variance` is their amount less ours, and the sum of `causes` to the last digit.
        """
        now = self._parts.clock()
        groups = reconciliation.groups_named(query.group_by)
        invoice = self._invoices.one(reader.scope(), invoice_id)
        skip, known_ns = self._position(query, now)
        found = self._differences(reader, invoice, query, known_ns)
        items = reconciliation.grouped(found, groups)
        if query.format == "csv":
            return StreamingResponse(
                _encoded(differences_csv(items, groups)),
                media_type="text/csv; charset=utf-8",
                headers={
                    "Content-Disposition": f'attachment; filename="reconcile-{invoice_id}.csv"'
                },
            )
        shown = items[skip : skip + query.limit]
        more = len(items) > skip + query.limit
        return Json(
            {
                "invoice": facts(invoice),
                "known_at": timestamp(known_ns),
                "items": [reconciliation.shown(one, decimal) for one in shown],
                "totals": [
                    {
                        name: value
                        for name, value in reconciliation.shown(one, decimal).items()
                        if not name.endswith("_quantity") and name not in {"unit", "side"}
                    }
                    for one in reconciliation.grouped(found, [])
                ],
                "next_cursor": cursor.encode((query.group_by, skip + query.limit, known_ns))
                if more
                else None,
            }
        )

    def _differences(
        self, reader: Principal, invoice: Invoice, query: ReconcileQuery, known_ns: int
    ) -> list[Difference]:
        usage = None
        if query.usage:
            usage = self._invoices.one(reader.scope(), query.usage)
            if usage.tenant != invoice.tenant:
                raise NotFoundError(f"Invoice {query.usage!r} is not of the same tenant.")
        rates = Rates(self._parts.store, known_ns)
        sides = Sides(self._parts.store, rates, invoice, known_ns, usage)
        return reconciliation.chosen(reconciliation.differences(sides, invoice), query.filters)

    def _position(self, query: ReconcileQuery, now_ns: int) -> tuple[int, int]:
        if query.cursor:
            groups, skip, known_ns = cursor.decode(query.cursor, (str, int, int))
            if groups != query.group_by or int(skip) < 0:
                raise InvalidInputError("The cursor is of another list.", field="cursor")
            return int(skip), int(known_ns)
        asked = window.instant(query.known_at, now_ns, "known_at") if query.known_at else None
        return 0, known(asked, now_ns)


def _owner(reader: Principal, tenant: str) -> str:
    """Find whose invoice it is: a key of one tenant imports for that one only."""
    if tenant:
        return reader.scope(tenant)[0]
    if reader.all_tenants:
        return ""
    if len(reader.tenants) == 1:
        return reader.tenants[0]
    raise ForbiddenError(
        f"An invoice of the whole organisation needs a key for all tenants; name one of "
        f"{', '.join(reader.tenants)}.",
        field="tenant",
    )


async def _bounded(request: Request, mib_max: int) -> bytes:
    """Read the body, and stop as soon as it is too large."""
    held = bytearray()
    async for piece in request.stream():
        held += piece
        if len(held) > mib_max * 2**20:
            raise InvalidInputError(
                f"The file is larger than {mib_max} MiB; split it by day, or raise "
                "ANSWERABLE_INVOICE_MAX_MIB.",
                field="body",
            )
    return bytes(held)


def _encoded(lines: Iterator[str]) -> Iterator[bytes]:
    for line in lines:
        yield line.encode()
