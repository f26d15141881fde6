"""`GET /v1/focus`: charges as a FOCUS file, for a billing period or a window of days."""

from collections.abc import Iterator
from itertools import chain
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from cost.focus import periods
from cost.focus.columns import VERSIONS, columns
from cost.focus.export import Export
from cost.focus.files import FORMATS, new_file
from cost.focus.periods import Part
from cost.focus.rows import Issuer
from cost.parts import CostParts
from sql.errors import InvalidInputError
from web import window
from web.parameters import TenantQuery, Text
from web.principal import Reader
from web.render import timestamp

_TIME = "RFC 3339, unix seconds or nanoseconds, or relative to now"


class FocusQuery(TenantQuery):
    """What to export."""

    version: str = Field(
        "1.4",
        max_length=16,
        description=f"FOCUS version: {' or '.join(VERSIONS)}.",
        examples=["1.4"],
    )
    period: str = Field(
        "",
        max_length=16,
        description="Billing period, a month in UTC. Corrections of periods closed earlier are "
        "part of it. Either this or `from` and `to`.",
        examples=["2026-10"],
    )
    from_: Text = Field(
        "",
        alias="from",
        description=f"Start of a window of whole UTC days, by the time of use: {_TIME}.",
        examples=["2026-11-01"],
    )
    to: Text = Field("", description="Its end, not included.", examples=["2026-11-08"])
    known_at: Text = Field(
        "", description=f"Leave out what was booked later: {_TIME}.", examples=["2026-11-05"]
    )
    format: str = Field(
        "csv", max_length=16, description=f"{' or '.join(FORMATS)}.", examples=["parquet"]
    )
    model_keys: str = Field(
        "1.5",
        pattern="^(1\\.5|strict)$",
        description="Keys of SkuPriceDetails about the model: `1.5` as they were merged for FOCUS "
        "1.5 (ModelId), `strict` with the prefix an older version asks for (x_ModelId).",
        examples=["1.5"],
    )


_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file. Headers `X-Focus-Events`, `X-Focus-Unpriced-Events`, "
        "`X-Focus-Coverage` and `X-Focus-Quarantined` say what has no row for want of a price.",
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "application/vnd.apache.parquet": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


class Focus:
    """Exports charges."""

    def __init__(self, parts: CostParts) -> None:
        self._store = parts.store
        self._clock = parts.clock
        self._settings = parts.settings

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(tags=["costs"])
        router.get(
            "/v1/focus",
            summary="Export charges as FOCUS",
            response_class=StreamingResponse,
            responses=_FILE,
        )(self.export)
        return router

    def export(self, reader: Reader, query: Annotated[FocusQuery, Query()]) -> Response:
        """Stream a FOCUS file: a row a day, tenant, project, model, meter, tier and currency."""
        now = self._clock()
        tenants = reader.scope(query.chosen)
        known = self._known(query.known_at, now)
        made = new_file(query.format, columns(query.version))
        export = Export(self._store, tenants, self._parts(query, known, now), self._issuer(query))
        summary = export.summary()
        about = {"focus_version": query.version, "known_at": timestamp(known), **summary.metadata}
        name = f"focus-{query.version}-{query.period or query.from_}.{query.format}"
        return StreamingResponse(
            _begun(export.stream(made, about)),
            media_type=made.media_type,
            headers={
                "Content-Disposition": f'attachment; filename="{_safe(name)}"',
                **{_header(key): value for key, value in about.items()},
            },
        )

    def _known(self, text: str, now_ns: int) -> int:
        if not text:
            return now_ns
        known = window.instant(text, now_ns, "known_at")
        if known > now_ns:
            raise InvalidInputError(
                f"known_at is {text!r}, which is in the future; leave it out for now.",
                field="known_at",
            )
        return known

    def _parts(self, query: FocusQuery, known_ns: int, now_ns: int) -> list[Part]:
        if bool(query.period) == bool(query.from_ or query.to):
            raise InvalidInputError(
                "Give either period (2026-10) or both from and to.", field="period"
            )
        close_days = self._settings.billing_close_days
        if query.period:
            month = periods.parse_month(query.period, now_ns)
            months = self._settings.focus_correction_months
            return [
                *periods.parts_of_period(
                    month, known_ns, close_days=close_days, correction_months=months
                )
            ]
        for name, text in (("from", query.from_), ("to", query.to)):
            if not text:
                raise InvalidInputError(f"{name} is missing beside the other end.", field=name)
        asked = window.parse(query.from_, query.to, now_ns)
        periods.check_days(asked)
        return [*periods.parts_of_window(asked, known_ns, close_days=close_days)]

    def _issuer(self, query: FocusQuery) -> Issuer:
        settings = self._settings
        return Issuer(
            settings.billing_account_id,
            settings.billing_account_name,
            strict_keys=query.model_keys == "strict",
        )


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Read up to the first piece at once: a store that is away then still gives a problem body."""
    first = next(pieces, b"")
    return chain([first], pieces)


def _safe(name: str) -> str:
    return "".join(char if char.isalnum() or char in ".-_" else "-" for char in name)


def _header(key: str) -> str:
    named = key.replace("_", "-").title().removeprefix("Focus-")
    return f"X-Focus-{named}"
