"""The short way of what every model call asks: `/v1/budgets/reserve` and its like.

The router, the dependencies and the tracing of the API cost more than the decision itself. Here a
request is a dict look-up, one key, one body read by its shape, and the same handler as in the API,
which stays what documents these paths and answers every other method.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import Request
from starlette.routing import Route

from answerable import problems
from answerable.locality import is_local
from answerable.requests import SECURITY_HEADERS
from cost.api.budget_shapes import ExtendBody, ReleaseBody, ReserveBody, SettleBody
from cost.api.spending import SPENDERS, Spending
from sql.errors import AnswerableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from answerable.app import Parts

PREFIX = "/v1/budgets/"

#: Largest body read, in bytes; what is declared takes a few hundred.
BODY_MAX = 65_536

_HEADERS = [
    (name.lower().encode(), value.encode())
    for name, value in {**SECURITY_HEADERS, "Content-Type": "application/json"}.items()
]


def routes(parts: Parts, api: ASGIApp) -> list[Route]:
    """Build the short ways; `api` answers what is not a POST."""
    spending = Spending(parts.cost)
    handlers: dict[str, tuple[type[BaseModel], Callable[[Any, Any], Awaitable[Response]]]] = {
        "reserve": (ReserveBody, spending.reserve),
        "settle": (SettleBody, spending.settle),
        "release": (ReleaseBody, spending.release),
        "extend": (ExtendBody, spending.extend),
    }

    async def crashed(request: Request, error: Exception) -> Response:
        return problems.of_crash(request, error)

    return [
        Route(
            PREFIX + name,
            ServerErrorMiddleware(ShortWay(parts, api, PREFIX + name, shape, handler), crashed),
        )
        for name, (shape, handler) in handlers.items()
    ]


class ShortWay:
    """Answers one path."""

    def __init__(
        self,
        parts: Parts,
        api: ASGIApp,
        path: str,
        shape: type[BaseModel],
        handler: Callable[[Any, Any], Awaitable[Response]],
    ) -> None:
        self._parts = parts
        self._api = api
        self._path = path
        self._shape = shape
        self._handler = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["method"] != "POST":
            await self._api(scope, receive, send)
            return
        started_ns = self._parts.monotonic_ns()
        scope.setdefault("state", {})["request_id"] = request_id = self._parts.ids()
        status = 500
        try:
            response = await self._answer(scope, receive)
            status = response.status_code
            headers = [*response.raw_headers, (b"x-request-id", request_id.encode())]
            present = {name for name, _ in headers}
            headers += [pair for pair in _HEADERS if pair[0] not in present]
            start = {"type": "http.response.start", "status": status, "headers": headers}
            await send(start)
            await send({"type": "http.response.body", "body": response.body})
        finally:
            seconds = (self._parts.monotonic_ns() - started_ns) / 1e9
            self._parts.metrics.api("POST", self._path, status, seconds)

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        try:
            gate = self._parts.gate
            principal = gate.principal(
                _authorization(scope), is_local=gate.allows_anonymous_local and is_local(scope)
            )
            principal.require(*SPENDERS)
            body = await _body(receive)
            if body is None:
                return problems.problem(
                    Request(scope), 413, f"The body has more than {BODY_MAX} bytes."
                )
            return await self._handler(principal, self._shape.model_validate_json(body))
        except AnswerableError as error:
            return problems.of_answerable(Request(scope), error)
        except ValidationError as error:
            found = [
                {**one, "loc": ("body", *one["loc"])}
                for one in error.errors(include_url=False, include_input=False)
            ]
            return problems.of_validation(Request(scope), RequestValidationError(found))


def _authorization(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"authorization":
            decoded: str = value.decode("latin-1")
            return decoded
    return None


async def _body(receive: Receive) -> bytes | None:
    """Read a body; None where it is too large, or its sender went away."""
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        part: bytes = message.get("body", b"")
        body += part
        if len(body) > BODY_MAX:
            return None
        if not message.get("more_body", False):
            return body
