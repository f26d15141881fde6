"""ASGI middleware: a server span for each request, and its tenant for everything inside."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import context as otel_context
from opentelemetry import propagate, trace
from opentelemetry.trace import Span, SpanKind, StatusCode

from answerable_instrument.attributes import ERROR_TYPE, TENANT
from answerable_instrument.failures import record_failure
from answerable_instrument.guard import guarded, note, reason_of
from answerable_instrument.runtime import current
from answerable_instrument.tenancy import current_tenant, with_tenant
from answerable_instrument.values import clean_text

if TYPE_CHECKING:
    from opentelemetry.context import Context

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_METHODS: Final = frozenset(
    {"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"}
)


class AnswerableMiddleware:
    """Open a SERVER span per HTTP request unless one is active, and carry the tenant.

    Parameters
    ----------
    app
        The application to wrap.
    tenant_header
        Request header that names the tenant; only safe behind a gateway that sets it.
    tenant
        Function from the ASGI scope to the tenant or None, instead of a header.
    exclude_paths
        Paths that get no span, such as ``/healthz``.
    """

    def __init__(
        self,
        app: App,
        tenant_header: str | None = None,
        *,
        tenant: Callable[[Scope], str | None] | None = None,
        exclude_paths: Iterable[str] = (),
    ) -> None:
        self._app = app
        self._header = tenant_header.lower().encode("latin-1") if tenant_header else None
        self._tenant = tenant
        self._exclude_paths = frozenset(exclude_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application inside the request's context."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        request = _Request(scope)
        guarded(_report, self._enter, request)
        failure: BaseException | None = None
        token = otel_context.attach(request.context)
        try:
            await self._app(scope, receive, request.watching(send))
        except BaseException as error:
            failure = error
            raise
        finally:
            otel_context.detach(token)
            guarded(_report, request.finish, failure)
            guarded(_report, request.end)

    def _enter(self, request: "_Request") -> None:
        scope = request.scope
        active = trace.get_current_span()
        served = active.is_recording() and getattr(active, "kind", None) is SpanKind.SERVER
        if not served and not trace.get_current_span().get_span_context().is_valid:
            request.context = propagate.extract(_headers(scope))
        guarded(_report, self._set_tenant, request)
        if served:
            tenant = current_tenant(request.context)
            if tenant is not None:
                active.set_attribute(TENANT, tenant)
        elif scope["type"] == "http" and scope.get("path") not in self._exclude_paths:
            request.open()

    def _set_tenant(self, request: "_Request") -> None:
        tenant: str | None = None
        if self._tenant is not None:
            tenant = self._tenant(request.scope)
        elif self._header is not None:
            values = [value for name, value in request.scope["headers"] if name == self._header]
            tenant = values[0].decode("latin-1").strip() if values else None
        if tenant:
            request.context = with_tenant(tenant, request.context)


class _Request:
    """One request under way."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.context: Context = otel_context.get_current()
        self.span: Span | None = None
        self.status: int | None = None

    def open(self) -> None:
        method = str(self.scope.get("method", ""))
        known = method if method in _METHODS else "_OTHER"
        attributes: dict[str, str] = {
            "http.request.method": known,
            "url.path": clean_text(str(self.scope.get("path", "")), current().limits.text_chars),
            "url.scheme": str(self.scope.get("scheme", "http")),
        }
        if known != method:
            attributes["http.request.method_original"] = method
        tenant = current_tenant(self.context)
        if tenant is not None:
            attributes[TENANT] = tenant
        self.span = current().tracer.start_span(
            "HTTP" if known == "_OTHER" else known,
            context=self.context,
            kind=SpanKind.SERVER,
            attributes=attributes,
        )
        self.context = trace.set_span_in_context(self.span, self.context)

    def watching(self, send: Send) -> Send:
        if self.span is None:
            return send

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.status = message.get("status")
            await send(message)

        return watched

    def finish(self, failure: BaseException | None) -> None:
        span = self.span
        if span is None or not span.is_recording():
            return
        route = _route(self.scope)
        if route is not None:
            span.set_attribute("http.route", route)
            span.update_name(f"{self.scope['method']} {route}")
        status = 500 if self.status is None and isinstance(failure, Exception) else self.status
        if status is not None:
            span.set_attribute("http.response.status_code", status)
        if isinstance(failure, Exception):
            record_failure(span, failure, current().limits.text_chars)
        elif status is not None and status >= 500:
            span.set_attribute(ERROR_TYPE, str(status))
            span.set_status(StatusCode.ERROR)

    def end(self) -> None:
        if self.span is not None:
            self.span.end()


def _route(scope: Scope) -> str | None:
    # Starlette and FastAPI put the matched route into the scope, mounted parts before it.
    path = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) and path else None


def _headers(scope: Scope) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key = name.decode("latin-1")
        # Repeated tracestate and baggage headers are one list, by their specifications.
        text = value.decode("latin-1")
        found[key] = f"{found[key]},{text}" if key in found else text
    return found


def _report(error: Exception) -> None:
    kind, reason = reason_of(error)
    note(kind, "middleware", reason)
