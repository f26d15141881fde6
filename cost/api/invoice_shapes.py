"""Parameters and answers of invoices."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import Any, Literal

from pydantic import Field

from cost.invoices.causes import Cause
from cost.invoices.imports import UNSTATED, Invoice
from cost.invoices.reader import FORMATS
from cost.invoices.reconciliation import GROUPS, Difference
from sql.errors import InvalidInputError
from web.parameters import LIMIT_MAX, TenantQuery, Text
from web.render import decimal, timestamp
from web.shapes import TIME, Shape

INVOICE_ID = "7c4a8d09ca3762af61e59520943dc264"


class UploadQuery(TenantQuery):
    """What a file is."""

    format: str = Field(
        "auto",
        max_length=16,
        description=f"auto, {', '.join(FORMATS)}. docs/reconciliation.md has their fields.",
        examples=["auto"],
    )
    name: Text = Field("", description="To know it by.", examples=["openai-2026-10.json"])
    scope: str = Field(
        "",
        max_length=20_000,
        description="Comma list of the provider's projects or workspaces and the tenants they "
        "stand for, as `proj_abc:school-a`; their use is then compared tenant by tenant.",
        examples=["proj_abc:school-a,proj_def:school-b"],
    )

    @property
    def scopes(self) -> dict[str, str]:
        """The mapping; raises InvalidInputError for what is not written as `scope:tenant`."""
        found: dict[str, str] = {}
        for pair in (part.strip() for part in self.scope.split(",") if part.strip()):
            name, _, tenant = pair.rpartition(":")
            if not name or not tenant or name in found:
                raise InvalidInputError(
                    f"scope has {pair!r}; write each project once, as proj_abc:school-a.",
                    field="scope",
                )
            found[name] = tenant
        return found


class InvoicesQuery(TenantQuery):
    """A page of invoices."""

    limit: int = Field(50, ge=1, le=LIMIT_MAX)
    cursor: str = Field("", max_length=4096, description="`next_cursor` of the page before.")


class LinesQuery(InvoicesQuery):
    """Which lines."""

    day: str = Field("", max_length=10, examples=["2026-10-15"])
    model: Text = Field("", description="As the file writes it.", examples=["gpt-5-mini"])
    meter: Text = Field("", examples=["input"])

    @property
    def day_given(self) -> date:
        """The day; raises InvalidInputError for what is none."""
        try:
            return date.fromisoformat(self.day)
        except ValueError:
            raise InvalidInputError(
                f"day is {self.day!r}; write a date as 2026-10-15.", field="day"
            ) from None


class ReconcileQuery(TenantQuery):
    """How to compare."""

    group_by: Text = Field(
        "model",
        description=f"Comma list of {', '.join(GROUPS)}; all of them is the finest.",
        examples=["day,model,meter"],
    )
    day: str = Field("", max_length=10, description="Only this day.", examples=["2026-10-15"])
    provider: Text = Field("", examples=["openai"])
    model: Text = Field("", examples=["gpt-5-mini"])
    meter: Text = Field("", examples=["input"])
    usage: Text = Field(
        "",
        description="Another import whose quantities belong to this one's amounts, where the "
        "provider exports them apart.",
        examples=[INVOICE_ID],
    )
    known_at: Text = Field("", description="Leave out what was booked here later.")
    format: Literal["json", "csv"] = Field("json")
    limit: int = Field(100, ge=1, le=LIMIT_MAX)
    cursor: str = Field("", max_length=4096)

    @property
    def filters(self) -> dict[str, str]:
        """Keys asked for, by name."""
        named = {"tenant": self.tenant, "day": self.day, "provider": self.provider}
        return {**named, "model": self.model, "meter": self.meter}


class InvoiceFacts(Shape):
    """An imported file."""

    invoice_id: str = Field(examples=[INVOICE_ID])
    tenant: str | None = Field(description="None for the whole organisation.")
    name: str
    format: str = Field(examples=["openai"])
    content_sha256: str
    first_day: str = Field(examples=["2026-10-01"])
    last_day: str = Field(examples=["2026-10-31"])
    providers: list[str] = Field(examples=[["openai"]])
    lines: int
    amounts: dict[str, str] = Field(description="By currency.", examples=[{"USD": "1234.56"}])
    scopes: dict[str, str]
    imported_by: str
    imported_at: str = Field(examples=[TIME])
    created: bool = Field(True, description="False where the same file was imported before.")


class InvoicePage(Shape):
    """Invoices, newest first."""

    as_of: str = Field(examples=[TIME])
    items: list[InvoiceFacts]
    next_cursor: str | None


class LineItem(Shape):
    """A line as it stood in the file."""

    line: int
    day: str
    provider: str
    model: str
    meter: str
    unit: str
    service_tier: str | None = Field(description="None where the file does not say.")
    quantity: str | None
    amount: str | None
    currency: str | None
    scope: str
    scope_tenant: str
    description: str
    raw: str


class LinePage(Shape):
    """Lines in the order of the file."""

    items: list[LineItem]
    next_cursor: str | None


class CausePart(Shape):
    """A part of a variance."""

    amount: str = Field(examples=["12.5"])
    quantity: str = Field(description="What it concerns, in the unit of the line.")


class DifferenceTotal(Shape):
    """All of one currency."""

    currency: str | None = Field(examples=["USD"])
    theirs: str = Field(examples=["1234.56"])
    ours: str = Field(examples=["1200.00"])
    variance: str = Field(description="theirs - ours; the sum of causes.", examples=["34.56"])
    causes: dict[Cause, CausePart]


class DifferenceItem(DifferenceTotal):
    """One group; it has the keys asked for and no other."""

    tenant: str | None = None
    day: str | None = None
    provider: str | None = None
    model: str | None = None
    meter: str | None = None
    unit: str | None = Field(None, description="None where units differ.")
    side: Literal["both", "theirs", "ours"]
    their_quantity: str | None
    our_quantity: str | None


class Reconciled(Shape):
    """Differences, the largest first."""

    invoice: InvoiceFacts
    known_at: str = Field(examples=[TIME])
    items: list[DifferenceItem]
    totals: list[DifferenceTotal]
    next_cursor: str | None


def facts(invoice: Invoice) -> dict[str, Any]:
    """Write an invoice as JSON has it."""
    return {
        "invoice_id": invoice.invoice_id,
        "tenant": invoice.tenant or None,
        "name": invoice.name,
        "format": invoice.format,
        "content_sha256": invoice.content_sha256,
        "first_day": invoice.first_day.isoformat(),
        "last_day": invoice.last_day.isoformat(),
        "providers": invoice.providers,
        "lines": invoice.lines,
        "amounts": {code: decimal(amount) for code, amount in invoice.amounts.items()},
        "scopes": invoice.scopes,
        "imported_by": invoice.key_id,
        "imported_at": timestamp(invoice.imported_ns),
    }


def line_item(row: dict[str, Any]) -> dict[str, Any]:
    """Write a line as JSON has it."""
    tier = row["service_tier"]
    return {
        **row,
        "day": row["day"].isoformat(),
        "service_tier": None if tier == UNSTATED else tier,
        "quantity": None if row["quantity"] is None else decimal(row["quantity"]),
        "amount": None if row["amount"] is None else decimal(row["amount"]),
        "currency": row["currency"] or None,
    }


def differences_csv(items: list[Difference], groups: list[str]) -> Iterator[str]:
    """Write differences as CSV, a column a cause."""
    columns = ("theirs", "ours", "variance", "their_quantity", "our_quantity")
    names = [*groups, "currency", "unit", "side", *columns, *Cause]
    yield _csv(names)
    for one in items:
        values = [getattr(one, name) for name in columns]
        numbers = ["" if value is None else decimal(value) for value in values]
        causes = [decimal(one.causes[cause]) if cause in one.causes else "" for cause in Cause]
        keys = [one.keys[name] for name in groups]
        yield _csv([*keys, one.currency, one.unit or "", one.side, *numbers, *causes])


def _csv(values: list[Any]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(values)
    return buffer.getvalue()
