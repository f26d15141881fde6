"""Errors as RFC 9457 problem bodies, and how they stand in the OpenAPI document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from fastapi import Response
from pydantic import BaseModel, Field

from sql.errors import AnswerableError, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi.exceptions import RequestValidationError

MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """What every refusal looks like (RFC 9457)."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Invalid input"])
    status: int = Field(examples=[400])
    detail: str = Field(examples=["from (-1h) must be earlier than to (-2h)."])
    instance: str = Field(description="Path of the request.", examples=["/v1/traces"])
    field: str | None = Field(None, description="The parameter at fault.", examples=["from"])


def response(error: AnswerableError, instance: str) -> Response:
    """Render an expected error."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "instance": instance,
    }
    if error.field is not None:
        body["field"] = error.field
    return Response(orjson.dumps(body), status_code=error.status, media_type=MEDIA_TYPE)


def invalid(error: RequestValidationError) -> InvalidInputError:
    """Turn what FastAPI refused into the error the rest of the service raises."""
    found: Sequence[Mapping[str, Any]] = error.errors()
    first = found[0]
    place = [str(part) for part in first["loc"][1:]]
    field = ".".join(place) or str(first["loc"][0])
    if first["type"] == "extra_forbidden":
        return InvalidInputError(f"There is no parameter {field!r} here.", field=field)
    shown = repr(first.get("input"))[:100]
    return InvalidInputError(f"{field} is {shown}: {first['msg']}.", field=field)


def _documented(description: str) -> dict[str, Any]:
    schema = Problem.model_json_schema()
    return {"description": description, "content": {MEDIA_TYPE: {"schema": schema}}}


#: Refusals of every reading endpoint, for `responses=`.
READING: dict[int | str, dict[str, Any]] = {
    400: _documented("A parameter cannot be read; `field` names it."),
    401: _documented("No valid key."),
    403: _documented("The key may not read, or not this tenant."),
    503: _documented("The store is down or overloaded; try again later."),
    "4XX": _documented("Any other refusal."),
}

#: The same for one thing read by its id.
READING_ONE = {**READING, 404: _documented("Nothing by that id in the key's tenants.")}
