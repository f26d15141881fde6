"""Simulated time: where a request is, and the spans that keep it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry import context as otel_context
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, use_span
from opentelemetry.util._decorator import _agnosticcontextmanager

from answerable_instrument import current_tenant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from opentelemetry.context import Context
    from opentelemetry.trace import Link, SpanContext
    from opentelemetry.util.types import AnyValue, Attributes


class Timeline:
    """The time of the request being played, in nanoseconds since 1970."""

    def __init__(self, now_ns: int = 0) -> None:
        self.now_ns = now_ns

    def spend(self, milliseconds: float) -> None:
        """Let time pass."""
        self.now_ns += int(milliseconds * 1e6)


class TimedSpan(Span):
    """A span of the SDK whose end and events happen in simulated time."""

    def __init__(self, inner: Span, timeline: Timeline) -> None:
        self._inner = inner
        self._timeline = timeline

    def end(self, end_time: int | None = None) -> None:
        """End it now, or when told."""
        self._inner.end(self._timeline.now_ns if end_time is None else end_time)

    def add_event(
        self, name: str, attributes: Attributes = None, timestamp: int | None = None
    ) -> None:
        """Add an event now, or when told."""
        self._inner.add_event(name, attributes, timestamp or self._timeline.now_ns)

    def record_exception(
        self,
        exception: BaseException,
        attributes: Attributes = None,
        timestamp: int | None = None,
        escaped: bool = False,
    ) -> None:
        """Record an exception now, or when told."""
        time_ns = timestamp or self._timeline.now_ns
        self._inner.record_exception(exception, attributes, time_ns, escaped)

    def get_span_context(self) -> SpanContext:
        """As the SDK's."""
        return self._inner.get_span_context()

    def set_attributes(self, attributes: Mapping[str, AnyValue]) -> None:
        """As the SDK's."""
        self._inner.set_attributes(attributes)

    def set_attribute(self, key: str, value: AnyValue) -> None:
        """As the SDK's."""
        self._inner.set_attribute(key, value)

    def add_link(self, context: SpanContext, attributes: Attributes = None) -> None:
        """As the SDK's."""
        self._inner.add_link(context, attributes)

    def update_name(self, name: str) -> None:
        """As the SDK's."""
        self._inner.update_name(name)

    def is_recording(self) -> bool:
        """As the SDK's."""
        return self._inner.is_recording()

    def set_status(self, status: Status | StatusCode, description: str | None = None) -> None:
        """As the SDK's."""
        self._inner.set_status(status, description)


class TimedTracer(Tracer):
    """The tracer of whichever service plays at the moment, in simulated time.

    The instrumentation library has one tracer a process and the demo several services in one, so
    `tracer` finds the service's own. Spans get the tenant of their context, as the library's
    `configure()` would see to.
    """

    def __init__(self, tracer: Callable[[], Tracer], timeline: Timeline) -> None:
        self._tracer = tracer
        self._timeline = timeline

    def start_span(
        self,
        name: str,
        context: Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        start_time: int | None = None,
        record_exception: bool = True,
        set_status_on_exception: bool = True,
    ) -> Span:
        """Start a span now, or when told."""
        tenant = current_tenant(context)
        stamped = {"tenant.id": tenant, **(attributes or {})} if tenant else attributes
        inner = self._tracer().start_span(
            name,
            context or otel_context.get_current(),
            kind,
            stamped,
            links,
            self._timeline.now_ns if start_time is None else start_time,
            record_exception,
            set_status_on_exception,
        )
        return TimedSpan(inner, self._timeline)

    @_agnosticcontextmanager
    def start_as_current_span(  # noqa: PLR0913, PLR0917  The signature is OpenTelemetry's.
        self,
        name: str,
        context: Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        start_time: int | None = None,
        record_exception: bool = True,
        set_status_on_exception: bool = True,
        end_on_exit: bool = True,
    ) -> Iterator[Span]:
        """Start a span and make it the current one in the block."""
        span = self.start_span(name, context, kind, attributes, links, start_time)
        with use_span(span, end_on_exit, record_exception, set_status_on_exception):
            yield span
