"""One pipeline a signal: provider, relay, batch processor, exporter."""

import os
from functools import partial
from typing import Any, Final

from opentelemetry import _logs, trace
from opentelemetry import metrics as metrics_api
from opentelemetry._logs import LoggerProvider
from opentelemetry.metrics import MeterProvider
from opentelemetry.sdk._logs import LoggerProvider as SdkLoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider as SdkMeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits
from opentelemetry.sdk.trace import TracerProvider as SdkTracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import TracerProvider

from answerable_instrument.exporters import Watched, otlp_exporter
from answerable_instrument.guard import UnfitError
from answerable_instrument.limits import Limits
from answerable_instrument.relays import LOG_RELAYS, SPAN_RELAYS
from answerable_instrument.targets import Target
from answerable_instrument.telemetry import Pipeline

# Shorter than the SDK's five seconds and one minute: people look at the page while they try it.
SCHEDULE_DELAY_MS: Final = 1000
METRIC_INTERVAL_MS: Final = 10_000
QUEUE_RECORDS_MAX: Final = 8192
SPAN_ATTRIBUTES: Final = 128


class Reader(PeriodicExportingMetricReader):
    """A reader that may be shut down twice: by us, and by the provider that lets go of it."""

    _closed = False

    def shutdown(self, timeout_millis: float = 30_000, **kwargs: Any) -> None:
        """Collect and send once more, then stop."""
        if not self._closed:
            self._closed = True
            super().shutdown(timeout_millis, **kwargs)


def traces(
    provider: TracerProvider | None, target: Target, resource: Resource, limits: Limits
) -> tuple[TracerProvider, Pipeline]:
    """Add our span processor to the given or global provider, making one where there is none."""
    provider = provider or trace.get_tracer_provider()
    if isinstance(provider, trace.ProxyTracerProvider):
        trace.set_tracer_provider(_tracer_provider(resource, limits))
        provider = trace.get_tracer_provider()
    relay = SPAN_RELAYS.of(provider)
    if relay is None:
        raise UnfitError("setup", f"{type(provider).__name__} takes no span processor")
    exporter = Watched(otlp_exporter("traces", target))
    processor = BatchSpanProcessor(exporter, **_batching("OTEL_BSP"))  # type: ignore[arg-type]
    relay.target = processor
    return provider, Pipeline(processor.force_flush, relay.shutdown, exporter)


def logs(
    provider: LoggerProvider | None, target: Target, resource: Resource
) -> tuple[LoggerProvider, Pipeline]:
    """Add our log processor to the given or global provider, making one where there is none."""
    provider = provider or _logs.get_logger_provider()
    if not _takes(provider, "add_log_record_processor"):
        _logs.set_logger_provider(SdkLoggerProvider(resource=resource, shutdown_on_exit=False))
        provider = _logs.get_logger_provider()
    relay = LOG_RELAYS.of(provider)
    if relay is None:
        raise UnfitError("setup", f"{type(provider).__name__} takes no log processor")
    exporter = Watched(otlp_exporter("logs", target))
    processor = BatchLogRecordProcessor(exporter, **_batching("OTEL_BLRP"))  # type: ignore[arg-type]
    relay.target = processor
    return provider, Pipeline(processor.force_flush, relay.shutdown, exporter)


def metrics(
    provider: MeterProvider | None, target: Target, resource: Resource
) -> tuple[MeterProvider, Pipeline]:
    """Add our metric reader to the given or global provider, making one where there is none."""
    provider = provider or metrics_api.get_meter_provider()
    if isinstance(provider, SdkMeterProvider) and not _takes(provider, "add_metric_reader"):
        raise UnfitError("setup", "adding a metric reader needs opentelemetry-sdk 1.43 or later")
    exporter = otlp_exporter("metrics", target)
    interval_ms = None if os.environ.get("OTEL_METRIC_EXPORT_INTERVAL") else METRIC_INTERVAL_MS
    reader = Reader(exporter, export_interval_millis=interval_ms)
    if _takes(provider, "add_metric_reader"):
        provider.add_metric_reader(reader)  # type: ignore[attr-defined]  # Since SDK 1.43.
        close = partial(_close_reader, provider, reader)
    else:
        ours = SdkMeterProvider([reader], resource=resource, shutdown_on_exit=False)
        metrics_api.set_meter_provider(ours)
        provider, close = metrics_api.get_meter_provider(), partial(_close_reader, ours, reader)
    return provider, Pipeline(reader.force_flush, close, exporter)


def _close_reader(provider: Any, reader: Reader) -> None:
    # In this order, so that the last collection still finds its provider.
    reader.shutdown()
    if _takes(provider, "remove_metric_reader"):
        provider.remove_metric_reader(reader)


def _takes(provider: object, method: str) -> bool:
    return callable(getattr(provider, method, None))


def _tracer_provider(resource: Resource, limits: Limits) -> SdkTracerProvider:
    named = ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT")
    if any(os.environ.get(name) for name in named):
        span_limits = SpanLimits()
    else:
        room = limits.features + SPAN_ATTRIBUTES // 4
        span_limits = SpanLimits(max_span_attributes=max(SPAN_ATTRIBUTES, room))
    return SdkTracerProvider(resource=resource, span_limits=span_limits, shutdown_on_exit=False)


def _batching(prefix: str) -> dict[str, Any]:
    """Leave to the SDK what the environment sets."""
    ours = {
        "schedule_delay_millis": (f"{prefix}_SCHEDULE_DELAY", SCHEDULE_DELAY_MS),
        "max_queue_size": (f"{prefix}_MAX_QUEUE_SIZE", QUEUE_RECORDS_MAX),
    }
    return {name: value for name, (variable, value) in ours.items() if not os.environ.get(variable)}
