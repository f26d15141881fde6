"""Errors of the API as RFC 9457 problem bodies."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import Response

from sql.errors import AnswerableError, PermanentStoreError, RetryableStoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi.exceptions import RequestValidationError
    from starlette.exceptions import HTTPException
    from starlette.requests import Request

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 5

#: What a caller is told instead of the engine's own words, which are for the operator.
_STORE_MESSAGES: dict[type[AnswerableError], str] = {
    RetryableStoreError: "The store cannot answer now; ask again later.",
    PermanentStoreError: "The store cannot answer this; the operator's log has the details.",
}


def problem(
    request: Request,
    status: int,
    detail: str,
    *,
    title: str = "",
    field: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Build a problem response."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": title or _phrase(status),
        "status": status,
        "detail": detail,
        "instance": request.url.path,
        "request_id": getattr(request.state, "request_id", ""),
    }
    if field:
        body["field"] = field
    extra = dict(headers or {})
    if status == 401:
        extra["WWW-Authenticate"] = "Bearer"
    if status == 503:
        extra.setdefault("Retry-After", str(RETRY_AFTER_S))
    return Response(orjson.dumps(body), status, extra, MEDIA_TYPE)


def of_answerable(request: Request, error: AnswerableError) -> Response:
    """Render an expected error."""
    detail = _STORE_MESSAGES.get(type(error), error.detail)
    return problem(request, error.status, detail, title=error.title, field=error.field)


def of_validation(request: Request, error: RequestValidationError) -> Response:
    """Render parameters or a body that do not fit; the values themselves are left out."""
    problems = error.errors()
    names = [".".join(str(part) for part in found["loc"][1:]) for found in problems]
    told = "; ".join(
        f"{name or 'body'}: {found['msg']}" for name, found in zip(names, problems, strict=True)
    )
    return problem(request, 400, f"{told}.", title="Invalid input", field=names[0] or "body")


def of_http(request: Request, error: HTTPException) -> Response:
    """Render what the framework itself refuses: 404, 405 and the like."""
    details = {
        404: f"There is nothing at {request.url.path}; /docs lists what there is.",
        405: f"{request.method} is not allowed here.",
    }
    detail = details.get(error.status_code, str(error.detail))
    return problem(request, error.status_code, detail, headers=error.headers)


def of_crash(request: Request, _error: Exception) -> Response:
    """Render an error nobody foresaw, without its details."""
    return problem(request, 500, "Internal error; the operator's log has the details.")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
