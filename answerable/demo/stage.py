"""What scenes play on: services that open spans, write logs and call each other."""

from __future__ import annotations

from collections import defaultdict, deque
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opentelemetry import context as otel_context
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.trace import SpanContext, SpanKind, StatusCode, Tracer, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

import answerable_instrument as answerable
from answerable.demo.clock import TimedTracer, Timeline
from answerable.demo.failures import PlatformError
from answerable.demo.instruments import Instruments
from answerable.demo.telemetry import SCOPE
from answerable.demo.world import INCIDENT, School

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from opentelemetry.trace import Link, Span

    from answerable.demo.dice import Dice, SeededIds
    from answerable.demo.telemetry import Telemetry
    from answerable.demo.world import Service

#: Earlier spans remembered a school and kind, for links.
RECENT_MAX = 16

_SERVICE = "answerable-demo-service"
_PROPAGATOR = TraceContextTextMapPropagator()


@dataclass(slots=True)
class Reply:
    """What a service answers: an HTTP status."""

    status: int = 200


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A review to come.

    Parameters
    ----------
    due_ns
        When the verdict is given.
    queue_ms, duration_ms
        How long it waited for the teacher and how long the teacher took, in milliseconds.
    """

    due_ns: int
    school: School
    decision_id: str
    decision_span: SpanContext
    verdict: str
    queue_ms: int
    duration_ms: int


class Stage:
    """The services in one process, the time, and every draw."""

    def __init__(self, telemetry: Telemetry, dice: Dice, ids: SeededIds) -> None:
        self.dice = dice
        self.ids = ids
        self.timeline = Timeline()
        self.tracer = TimedTracer(self._current_tracer, self.timeline)
        self.later: list[FollowUp] = []
        self.recent: defaultdict[tuple[str, str], deque[SpanContext]] = defaultdict(
            lambda: deque(maxlen=RECENT_MAX)
        )
        found = telemetry.providers.items()
        self._tracers = {name: each.tracing.get_tracer(SCOPE) for name, each in found}
        self._loggers = {name: each.logs.get_logger(SCOPE) for name, each in found}
        self._instruments = {
            name: Instruments(each.metrics.get_meter(SCOPE)) for name, each in found
        }

    def go_live(self) -> None:
        """Measure from now on."""
        for instruments in self._instruments.values():
            instruments.live = True

    def incident(self, school: School) -> bool:
        """Whether the incident is on, here and now."""
        return INCIDENT.active(school.id, self.timeline.now_ns)

    @property
    def instruments(self) -> Instruments:
        """Metrics of the service that plays."""
        return self._instruments[self._service()]

    def labels(self, **more: str) -> dict[str, str]:
        """Attributes of a measurement: the tenant and what else is given."""
        return {"tenant.id": answerable.current_tenant() or "", **more}

    def spend(self, median_ms: float) -> None:
        """Let work take a while."""
        self.timeline.spend(self.dice.latency_ms(median_ms))

    def log(self, severity: SeverityNumber, body: str, **attributes: str | float) -> None:
        """Write a log record in the context of the current span."""
        self._loggers[self._service()].emit(
            LogRecord(
                timestamp=self.timeline.now_ns,
                severity_number=severity,
                severity_text=severity.name,
                body=body,
                attributes={**self.labels(), **attributes},
            )
        )

    @contextmanager
    def inside(self, service: Service) -> Iterator[None]:
        """Play in a service: what starts in the block is its own."""
        # The trace goes on as it would between two processes: by the traceparent header.
        carrier: dict[str, str] = {}
        _PROPAGATOR.inject(carrier)
        context = _PROPAGATOR.extract(carrier, otel_context.get_current())
        token = otel_context.attach(otel_context.set_value(_SERVICE, service.name, context))
        try:
            yield
        finally:
            otel_context.detach(token)

    @contextmanager
    def job(self, service: Service, name: str, links: Sequence[Link] = ()) -> Iterator[Span]:
        """Run something no request asked for."""
        with (
            self.inside(service),
            self.tracer.start_as_current_span(name, kind=SpanKind.CONSUMER, links=links) as span,
            self._absorbing(span, Reply()),
        ):
            yield span

    @contextmanager
    def request(self, service: Service, method: str, route: str) -> Iterator[Reply]:
        """Serve a request; what fails becomes the status of the reply."""
        reply, started_ns = Reply(), self.timeline.now_ns
        attributes = {"http.request.method": method, "http.route": route, "url.scheme": "https"}
        with (
            self.inside(service),
            self.tracer.start_as_current_span(
                f"{method} {route}", kind=SpanKind.SERVER, attributes=attributes
            ) as span,
        ):
            with self._absorbing(span, reply):
                yield reply
            span.set_attribute("http.response.status_code", reply.status)
            if reply.status >= 500:
                span.set_status(StatusCode.ERROR)
            self.instruments.request(
                (self.timeline.now_ns - started_ns) / 1e9,
                {**self.labels(), "http.route": route, "http.response.status_code": reply.status},
            )

    @contextmanager
    def call(self, service: Service, method: str, route: str) -> Iterator[Reply]:
        """Call another service over HTTP: a client span here, a server span there."""
        attributes = {"http.request.method": method, "server.address": service.name}
        with self.tracer.start_as_current_span(
            method, kind=SpanKind.CLIENT, attributes=attributes
        ) as span:
            self.spend(1.5)
            with self.request(service, method, route) as reply:
                yield reply
            self.spend(1.5)
            span.set_attribute("http.response.status_code", reply.status)
            if reply.status >= 500:
                span.set_status(StatusCode.ERROR)

    @contextmanager
    def _absorbing(self, span: Span, reply: Reply) -> Iterator[None]:
        try:
            yield
        except PlatformError as error:
            reply.status = 500
            span.record_exception(error)
            span.set_status(StatusCode.ERROR, str(error))
            self.log(SeverityNumber.ERROR, str(error), **{"exception.type": type(error).__name__})

    def remember(self, school: School, kind: str) -> None:
        """Keep the current span for a later link."""
        self.recent[school.id, kind].append(get_current_span().get_span_context())

    def _current_tracer(self) -> Tracer:
        return self._tracers[self._service()]

    def _service(self) -> str:
        return str(otel_context.get_value(_SERVICE))
