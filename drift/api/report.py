"""`POST /v1/drift/report`: a window against its reference, drawn by Evidently."""

from typing import Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from drift.api.against import against, tenant_of
from drift.evidently.report import Reports, Request
from drift.parts import DriftParts
from drift.references import References
from sql.errors import InvalidInputError
from web import window
from web.parameters import Text
from web.principal import Reader

_EXAMPLE: dict[str, Any] = {
    "tenant": "school-a",
    "reference": "term-1",
    "from": "-7d",
    "to": "now",
    "format": "html",
}

_MEDIA = {"html": "text/html; charset=utf-8", "snapshot": "application/json"}
_SUFFIX = {"html": "html", "snapshot": "json"}

#: A report holds scripts and texts that were sent as features: it may not act as this service.
_CSP = "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob:; "
_CSP += "style-src 'unsafe-inline'; img-src data: blob:; font-src data:; worker-src blob:"


class ReportBody(BaseModel):
    """What to draw."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [_EXAMPLE]}
    )

    tenant: Text = Field("", description="May be left out by a key of one tenant.")
    model: Text = Field("", description="Left out, the reference's.")
    reference: Text = Field("", examples=["term-1"])
    reference_from: str = Field(
        "", max_length=64, description="In place of `reference`: the start of a window of `model`."
    )
    reference_to: str = Field("", max_length=64, description="And its end.")
    from_: str = Field("-1d", alias="from", max_length=64, examples=["-7d"])
    to: str = Field("now", max_length=64, examples=["now"])
    format: Literal["html", "snapshot"] = Field(
        "html", description="snapshot is what Evidently's Snapshot.load takes."
    )
    features: list[Text] = Field(
        default_factory=list,
        max_length=1000,
        description="Names; left out, all that were sent, @confidence and @outcome.",
    )


class DriftReport:
    """Draws reports."""

    def __init__(self, parts: DriftParts) -> None:
        self._clock = parts.clock
        self._references = References(parts)
        self._reports = Reports(parts)

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(prefix="/v1/drift", tags=["drift"])
        content: dict[str, Any] = {
            "text/html": {"schema": {"type": "string"}},
            "application/json": {"schema": {"type": "object"}},
        }
        router.post(
            "/report",
            response_class=Response,
            responses={200: {"description": "The report, as a file.", "content": content}},
        )(self.draw)
        return router

    def draw(self, reader: Reader, body: ReportBody) -> Response:
        """Draw a window against its reference with Evidently, which is installed apart.

        Its statistics are Evidently's own, with their faults; `GET /v1/drift/compare` has ours.
        `Answerable-Left-Out` names features the report could not take, percent-encoded.
        """
        now = self._clock()
        tenant = tenant_of(reader, body.tenant)
        if not body.model and not body.reference:
            raise InvalidInputError(
                "model is missing; name it, or a reference, which has one.", field="model"
            )
        request = Request(
            tenant,
            against(self._references, tenant, body, now),
            window.parse(body.from_, body.to, now),
            body.format,
            tuple(dict.fromkeys(body.features)),
        )
        drawn = self._reports.draw(request)
        name = quote(f"drift-{request.against.model}.{_SUFFIX[body.format]}", safe="")
        return Response(
            drawn.body,
            media_type=_MEDIA[body.format],
            headers={
                "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
                "Content-Security-Policy": _CSP,
                "X-Content-Type-Options": "nosniff",
                "Answerable-Left-Out": ",".join(quote(one, safe="") for one in drawn.left_out)[
                    :4000
                ],
            },
        )
