"""The service's own OpenTelemetry spans and metrics, put into its own pipeline.

They enter at the door and not over the network, so no request of theirs is ever traced.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any

import structlog
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.metrics import Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import (
    MetricExporter,
    MetricExportResult,
    MetricsData,
    PeriodicExportingMetricReader,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

from answerable import __version__
from collector.models import Grant, Signal, Submission
from collector.validation import items_of
from sql.errors import AnswerableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from opentelemetry.metrics import CallbackOptions
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import Tracer

    from answerable.settings import ServerSettings
    from collector.models import Door
    from sql.clock import Clock

_logger = structlog.get_logger(__name__)

TENANT = "answerable"
KEY_ID = "self"
_EXPORT_TIMEOUT_S = 10.0


class SelfTelemetry:
    """Own spans and metrics; build it on the event loop the door runs on.

    Parameters
    ----------
    observed
        Gauge name -> how to read it, on the exporter's thread.
    instance
        `service.instance.id`.
    """

    def __init__(
        self,
        door: Door,
        settings: ServerSettings,
        clock_ns: Clock,
        *,
        observed: Mapping[str, Callable[[], float]],
        instance: str,
    ) -> None:
        sender = _Sender(door, asyncio.get_running_loop(), clock_ns)
        resource = Resource(
            {
                "service.name": "answerable",
                "service.version": __version__,
                "service.instance.id": instance,
            }
        )
        interval_ms = round(settings.self_interval_s * 1000)
        self._spans = TracerProvider(sampler=ALWAYS_ON, resource=resource, shutdown_on_exit=False)
        self._spans.add_span_processor(
            BatchSpanProcessor(
                _SpanExporter(sender),
                max_queue_size=settings.self_queue_max_spans,
                max_export_batch_size=min(512, settings.self_queue_max_spans),
                schedule_delay_millis=interval_ms,
            )
        )
        reader = PeriodicExportingMetricReader(
            _MetricExporter(sender), export_interval_millis=interval_ms
        )
        self._metrics = MeterProvider([reader], resource=resource, shutdown_on_exit=False)
        self._observe(observed)

    @property
    def tracer(self) -> Tracer:
        """Makes the service's own spans."""
        return self._spans.get_tracer("answerable", __version__)

    def stop(self) -> None:
        """Export what is left; blocking, and the door must still be open."""
        self._spans.shutdown()
        self._metrics.shutdown()

    def _observe(self, observed: Mapping[str, Callable[[], float]]) -> None:
        meter = self._metrics.get_meter("answerable", __version__)
        for name, read in observed.items():
            meter.create_observable_gauge(name, callbacks=[_callback(read)])


class _Sender:
    """Submits from the exporters' threads to the loop of the pipeline."""

    def __init__(self, door: Door, loop: asyncio.AbstractEventLoop, clock_ns: Clock) -> None:
        self._door = door
        self._loop = loop
        self._clock_ns = clock_ns

    def send(self, signal: Signal, body: bytes) -> bool:
        """Say whether it was stored; what was not is dropped, as a full queue is."""
        submission = Submission(
            signal=signal,
            body=body,
            items=items_of(signal, body),
            wire_bytes=len(body),
            received_at_ns=self._clock_ns(),
            grant=Grant(KEY_ID, TENANT),
        )
        work = self._door.submit(submission)
        try:
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
        except RuntimeError:
            # The loop is closed: the service is already gone.
            work.close()
            return False
        try:
            future.result(_EXPORT_TIMEOUT_S)
        except (AnswerableError, TimeoutError, CancelledError) as error:
            future.cancel()
            _logger.warning("self_telemetry_dropped", signal=signal, error=repr(error))
            return False
        return True


class _SpanExporter(SpanExporter):
    def __init__(self, sender: _Sender) -> None:
        self._sender = sender

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        stored = self._sender.send(Signal.TRACES, encode_spans(spans).SerializeToString())
        return SpanExportResult.SUCCESS if stored else SpanExportResult.FAILURE


class _MetricExporter(MetricExporter):
    def __init__(self, sender: _Sender) -> None:
        super().__init__()
        self._sender = sender

    def export(
        self, metrics_data: MetricsData, timeout_millis: float = 10_000, **kwargs: Any
    ) -> MetricExportResult:
        del timeout_millis, kwargs
        stored = self._sender.send(Signal.METRICS, encode_metrics(metrics_data).SerializeToString())
        return MetricExportResult.SUCCESS if stored else MetricExportResult.FAILURE

    def force_flush(self, timeout_millis: float = 10_000) -> bool:
        del timeout_millis
        return True

    def shutdown(self, timeout_millis: float = 30_000, **kwargs: Any) -> None:
        del timeout_millis, kwargs


def _callback(read: Callable[[], float]) -> Callable[[CallbackOptions], Iterable[Observation]]:
    def observe(_: CallbackOptions) -> Iterable[Observation]:
        return [Observation(read())]

    return observe
