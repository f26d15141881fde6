"""What every API request gets: an identifier, security headers, a span and a measurement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry.trace import SpanKind, StatusCode
from starlette.datastructures import MutableHeaders

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.trace import Span, Tracer
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from answerable.metrics import ServiceMetrics

SECURITY_HEADERS: dict[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}

#: Probes and scrapes come every few seconds and say nothing about the service's work.
_UNTRACED = frozenset({"/healthz", "/readyz", "/metrics"})
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RequestFrame:
    """ASGI middleware around the API.

    Parameters
    ----------
    ids
        Makes request identifiers.
    monotonic_ns
        Nanoseconds that never step back.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        ids: Callable[[], str],
        monotonic_ns: Callable[[], int],
        metrics: ServiceMetrics,
        tracer: Tracer,
    ) -> None:
        self._app = app
        self._ids = ids
        self._monotonic_ns = monotonic_ns
        self._metrics = metrics
        self._tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = self._ids()
        scope.setdefault("state", {})["request_id"] = request_id
        started_ns = self._monotonic_ns()
        status = 500

        async def framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            if scope["path"] in _UNTRACED:
                await self._app(scope, receive, framed)
            else:
                with self._tracer.start_as_current_span("api", kind=SpanKind.SERVER) as span:
                    await self._app(scope, receive, framed)
                    _describe(span, scope, status, request_id)
        finally:
            seconds = (self._monotonic_ns() - started_ns) / 1e9
            self._metrics.api(method_of(scope), route_of(scope), status, seconds)


def route_of(scope: Scope) -> str:
    """Give the template of the route that answered, or `unknown`: a path may hold anything."""
    path = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) else "unknown"


def method_of(scope: Scope) -> str:
    """Give the method of the request, or `other`: a client may send anything."""
    method: str = scope["method"]
    return method if method in _METHODS else "other"


def _describe(span: Span, scope: Scope, status: int, request_id: str) -> None:
    if not span.is_recording():
        return
    method, route = method_of(scope), route_of(scope)
    span.update_name(f"{method} {route}")
    span.set_attribute("http.request.method", method)
    span.set_attribute("http.route", route)
    span.set_attribute("http.response.status_code", status)
    span.set_attribute("answerable.request_id", request_id)
    principal = scope["state"].get("principal")
    if principal is not None:
        span.set_attribute("answerable.key_id", principal.key_id)
    if status >= 500:
        span.set_status(StatusCode.ERROR)
