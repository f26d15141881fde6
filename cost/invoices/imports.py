"""Imports of invoices: the same file twice is one import; a broken one leaves nothing behind."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal, localcontext
from typing import TYPE_CHECKING, Any

from cost.invoices import reader
from cost.invoices.lines import Line, amount_scale
from sql.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cost.parts import CostParts

#: A tier the file does not state.
UNSTATED = "?"

#: Sums of what a Decimal(38, 18) holds stay exact.
_EXACT = Context(prec=76)

#: Lines of one insert.
_BATCH = 20_000

_FAR_NS = 4_102_444_800_000_000_000
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Invoice:
    """An imported file.

    Parameters
    ----------
    tenant
        Empty for one of the whole organisation.
    amount_scale
        Digits after the point that its amounts have at most.
    amounts
        Sums by currency.
    scopes
        The provider's projects, and the tenants they were mapped to.
    """

    tenant: str
    invoice_id: str
    name: str
    format: str
    content_sha256: str
    first_day: date
    last_day: date
    providers: list[str]
    lines: int
    amount_scale: int
    amounts: dict[str, Decimal]
    scopes: dict[str, str]
    key_id: str
    imported_ns: int


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to import.

    Parameters
    ----------
    fmt
        As `reader.read` takes it.
    scopes
        The provider's project or workspace -> tenant.
    """

    content: bytes
    fmt: str
    name: str
    tenant: str
    scopes: Mapping[str, str]
    key_id: str


class Invoices:
    """Writes and reads imported invoices."""

    def __init__(self, parts: CostParts) -> None:
        self._store = parts.store
        self._clock = parts.clock
        settings = parts.settings
        self._limits = reader.Limits(settings.invoice_max_mib * 2**20, settings.invoice_lines_max)

    def take(self, upload: Upload) -> tuple[Invoice, bool]:
        """Import a file; False beside it where it was here already.

        Raises
        ------
        InvalidInputError
            Names what in the file cannot be read, or a scope that is not in it.
        """
        digest = hashlib.sha256(upload.content).hexdigest()
        mapping = "\n".join(f"{scope}\t{upload.scopes[scope]}" for scope in sorted(upload.scopes))
        key = f"{upload.tenant}\n{digest}\n{mapping}"
        invoice_id = hashlib.sha256(key.encode()).hexdigest()[:32]
        held = self._find([upload.tenant], invoice_id)
        if held is not None:
            return held, False
        with localcontext(_EXACT):
            fmt, lines = reader.read(upload.content, upload.fmt, self._limits)
            _check_scopes(upload.scopes, lines)
            made = self._invoice(upload, invoice_id, digest, fmt, lines)
        for batch in _batches(made, upload, lines):
            self._store.insert("invoice_lines", batch)
        self._store.insert("invoices", [_row(made)])
        return made, True

    def page(self, tenants: list[str], before: tuple[int, str] | None, limit: int) -> list[Invoice]:
        """Read invoices, newest first."""
        before_ns, before_id = before or (_FAR_NS, _LAST)
        rows = self._store.query(
            "cost/invoices",
            {
                "tenants": tenants,
                "invoice_id": "",
                "before_ns": before_ns,
                "before_id": before_id,
                "limit": limit,
            },
        )
        return [_invoice(row) for row in rows]

    def one(self, tenants: list[str], invoice_id: str) -> Invoice:
        """Read one invoice; raises NotFoundError where these tenants have none of that id."""
        found = self._find(tenants, invoice_id)
        if found is None:
            raise NotFoundError(f"There is no invoice {invoice_id!r}; GET /v1/invoices lists them.")
        return found

    def _find(self, tenants: list[str], invoice_id: str) -> Invoice | None:
        if not invoice_id:
            return None
        asked = {"tenants": tenants, "invoice_id": invoice_id, "before_ns": _FAR_NS}
        rows = self._store.query("cost/invoices", {**asked, "before_id": _LAST, "limit": 1})
        return _invoice(rows[0]) if rows else None

    def _invoice(
        self, upload: Upload, invoice_id: str, digest: str, fmt: str, lines: list[Line]
    ) -> Invoice:
        amounts: dict[str, Decimal] = defaultdict(Decimal)
        for line in lines:
            if line.amount is not None:
                amounts[line.currency] += line.amount
        return Invoice(
            tenant=upload.tenant,
            invoice_id=invoice_id,
            name=upload.name,
            format=fmt,
            content_sha256=digest,
            first_day=min(line.day for line in lines),
            last_day=max(line.day for line in lines),
            providers=sorted({line.provider.lower() for line in lines}),
            lines=len(lines),
            amount_scale=amount_scale(lines),
            amounts=dict(sorted(amounts.items())),
            scopes=dict(upload.scopes),
            key_id=upload.key_id,
            imported_ns=self._clock(),
        )


def _check_scopes(scopes: Mapping[str, str], lines: list[Line]) -> None:
    present = {line.scope for line in lines}
    for scope in scopes:
        if scope not in present:
            known = ", ".join(sorted(filter(None, present))[:5]) or "none"
            raise InvalidInputError(
                f"scope names {scope!r}, which no line of the file has; it has {known}.",
                field="scope",
            )


def _batches(invoice: Invoice, upload: Upload, lines: list[Line]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(lines), _BATCH):
        yield [
            {
                "tenant": invoice.tenant,
                "invoice_id": invoice.invoice_id,
                "line": number,
                "day": line.day,
                "provider": line.provider,
                "model": line.model,
                "meter": line.meter,
                "unit": line.unit,
                "service_tier": UNSTATED if line.service_tier is None else line.service_tier,
                "quantity": line.quantity,
                "amount": line.amount,
                "currency": line.currency,
                "scope": line.scope,
                "scope_tenant": upload.scopes.get(line.scope, ""),
                "description": line.description,
                "raw": line.raw,
            }
            for number, line in enumerate(lines[start : start + _BATCH], start + 1)
        ]


def _row(invoice: Invoice) -> dict[str, Any]:
    names = Invoice.__slots__
    row = {name: getattr(invoice, name) for name in names if name != "imported_ns"}
    return {**row, "imported_at": invoice.imported_ns}


def _invoice(row: dict[str, Any]) -> Invoice:
    digest = row["content_sha256"]
    text = digest.decode() if isinstance(digest, bytes) else digest
    return Invoice(**{**row, "content_sha256": text, "providers": [*row["providers"]]})
