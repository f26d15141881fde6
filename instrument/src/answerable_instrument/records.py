"""A record is a span under way: the life cycle of decisions, connector calls and reviews."""

import functools
import inspect
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Concatenate, ParamSpec, TypeVar, cast

from opentelemetry import context as otel_context
from opentelemetry.context import Context
from opentelemetry.trace import INVALID_SPAN, Span, SpanKind, set_span_in_context

from answerable_instrument.attributes import TENANT, WARNING
from answerable_instrument.failures import record_failure
from answerable_instrument.guard import Kind, UnfitError, guarded, note, reason_of
from answerable_instrument.runtime import current
from answerable_instrument.streams import stream, stream_async
from answerable_instrument.tenancy import current_tenant
from answerable_instrument.values import Scalar, as_text, clean_text

if TYPE_CHECKING:
    from contextvars import Token
    from types import TracebackType

P = ParamSpec("P")
R = TypeVar("R", bound="Record")
F = TypeVar("F", bound=Callable[..., Any])
AttributeValue = Scalar | list[str] | list[float]


def recording(method: Callable[Concatenate[R, P], object]) -> Callable[Concatenate[R, P], R]:
    """Make a method that never raises and returns its record, so that calls chain."""

    @functools.wraps(method)
    def call(self: R, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            method(self, *args, **kwargs)
        except Exception as error:  # noqa: BLE001  As in guarded(), without the cost of a closure.
            kind, reason = reason_of(error)
            self.warn(kind, method.__name__, reason)
        return self

    return cast("Callable[Concatenate[R, P], R]", call)


class Record:
    """A span under way; a context manager, and a decorator that opens a new record per call."""

    __slots__ = (
        "_context", "_depth", "_early", "_late", "_limits", "_runtime", "_span", "_span_name",
        "_start_ns", "_state", "_token", "_warnings",
    )  # fmt: skip
    span_kind: ClassVar[SpanKind] = SpanKind.INTERNAL

    def __init__(self, span_name: object) -> None:
        self._runtime = current()
        self._limits = self._runtime.limits
        self._early: dict[str, AttributeValue] = {}
        self._late: dict[str, AttributeValue] = {}
        self._warnings: list[str] = []
        self._span: Span = INVALID_SPAN
        self._context: Context | None = None
        self._token: Token[Context] | None = None
        self._start_ns: int | None = None
        self._depth = 0
        self._state = self._early
        self._span_name = type(self).__name__.lower()
        if span_name is not None:
            self._rename(span_name)

    @recording
    def _rename(self, span_name: object) -> None:
        self._span_name = self._clean(as_text(span_name), self._limits.name_chars, "name") or (
            self._span_name
        )

    @property
    def span(self) -> Span:
        """The OpenTelemetry span; an invalid one before the start."""
        return self._span

    def warn(self, kind: Kind, where: str, reason: str) -> None:
        """Count a warning, and note it on the span while that is open."""
        note(kind, where, reason)
        if len(self._warnings) < self._limits.warnings:
            self._warnings.append(f"{kind}: {clean_text(where, self._limits.name_chars)}")

    def fresh(self) -> "Record":
        """Return a new record with the same arguments, for one call of a decorated function."""
        raise NotImplementedError

    def closed(self: R) -> R:
        """Make every further value a warning, as after the end."""
        self._state = self._late
        return self

    def __enter__(self: R) -> R:
        self._depth += 1
        if self._depth == 1:
            guarded(self._report_internal, self._open)
        return self

    def __exit__(
        self,
        exc_type: "type[BaseException] | None",
        exc: "BaseException | None",
        traceback: "TracebackType | None",
    ) -> None:
        self._depth -= 1
        if self._depth == 0:
            self.suspend()
            guarded(self._report_internal, self._finish, exc)
            guarded(self._report_internal, self._end)

    def __call__(self, function: F) -> F:
        """Decorate a function, coroutine function, generator or asynchronous generator."""
        return decorated(self, function)

    def suspend(self) -> None:
        """Leave the context of the span; the span stays open."""
        token, self._token = self._token, None
        if token is not None:
            otel_context.detach(token)

    def resume(self) -> None:
        """Enter the context of the span again."""
        if self._context is not None and self._token is None:
            self._token = otel_context.attach(self._context)

    def _open(self) -> None:
        context = otel_context.get_current()
        if TENANT not in self._early:
            tenant = current_tenant(context)
            if tenant is not None:
                self._early[TENANT] = tenant
        self._span = self._runtime.tracer.start_span(
            self._span_name,
            context=context,
            kind=self.span_kind,
            attributes=self._early,
            start_time=self._start_ns,
            record_exception=False,
            set_status_on_exception=False,
        )
        if self._start_ns is None and not self._span.is_recording():
            self._start_ns = time.time_ns()
        self._late.clear()
        self._state = self._late
        self._context = self._extend(set_span_in_context(self._span, context))
        self.resume()

    def _extend(self, context: Context) -> Context:
        return context

    def _finish(self, error: BaseException | None) -> None:
        if self._warnings:
            self._late[WARNING] = list(self._warnings)
        self._span.set_attributes(self._late)
        # GeneratorExit, CancelledError and the like are not failures of the work itself.
        if isinstance(error, Exception):
            record_failure(self._span, error, self._limits.text_chars)

    def _end(self) -> None:
        self._span.end()

    def _report_internal(self, error: Exception) -> None:
        self.warn("internal", self._span_name, type(error).__name__)

    def _put(self, attribute: str, value: AttributeValue) -> None:
        if self._depth == 0 and self._state is self._late:
            raise UnfitError("not_open", f"{attribute} set after the end")
        self._state[attribute] = value

    @recording
    def _text(self, attribute: str, value: object) -> None:
        self._put_text(attribute, value)

    def _put_text(self, attribute: str, value: object) -> None:
        text = value if type(value) is str else as_text(value)
        self._put(attribute, self._clean(text, self._limits.text_chars, attribute))

    def _put_word(self, attribute: str, value: object, allowed: frozenset[str]) -> None:
        if not isinstance(value, str) or value not in allowed:
            raise UnfitError("value_word", f"{attribute} is one of {', '.join(sorted(allowed))}")
        self._put(attribute, value)

    def _clean(self, value: str, max_chars: int, where: str) -> str:
        if len(value) <= max_chars and value.isascii():
            return value
        cleaned = clean_text(value, max_chars)
        if cleaned is not value:
            self.warn("text_changed", where, "text cut or a lone surrogate replaced")
        return cleaned

    def _stored(self, attribute: str) -> AttributeValue | None:
        return self._late.get(attribute, self._early.get(attribute))


def decorated(record: Record, function: F) -> F:
    """Wrap a function of any of the four kinds so that each call has its own record."""
    wrapper: Callable[..., Any]
    if inspect.isasyncgenfunction(function):

        def wrapper(*args: Any, **kwargs: Any) -> Any:
            return stream_async(record.fresh(), function(*args, **kwargs))

    elif inspect.isgeneratorfunction(function):

        def wrapper(*args: Any, **kwargs: Any) -> Any:
            return stream(record.fresh(), function(*args, **kwargs))

    elif inspect.iscoroutinefunction(function):

        async def wrapper(*args: Any, **kwargs: Any) -> Any:
            with record.fresh():
                return await function(*args, **kwargs)

    else:

        def wrapper(*args: Any, **kwargs: Any) -> Any:
            with record.fresh():
                return function(*args, **kwargs)

    return functools.wraps(function)(wrapper)  # type: ignore[return-value]  # Same signature.
