"""Providers of the real OpenTelemetry SDK, one set a service, and how they send and stop."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from answerable.demo.world import SERVICES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from opentelemetry.sdk.trace.id_generator import IdGenerator

    from answerable.demo.world import Service

SCOPE = "answerable.demo"


@dataclass(frozen=True, slots=True)
class Sending:
    """Where telemetry goes and the bounds it keeps.

    Parameters
    ----------
    interval_ms, metric_interval_ms
        Longest wait of spans and logs, and of metrics, before they are sent.
    queue_max_records
        Records a service holds while the receiver is slow or away; beyond it the oldest go. The
        weeks before the start fit in.
    export_timeout_s
        Longest time one batch is tried for before it is given up.
    """

    endpoint: str
    key: str = ""
    interval_ms: int = 1000
    metric_interval_ms: int = 2000
    queue_max_records: int = 16_384
    export_timeout_s: float = 5.0

    @property
    def headers(self) -> dict[str, str]:
        """Headers of every request."""
        return {"authorization": f"Bearer {self.key}"} if self.key else {}

    def url(self, signal: str) -> str:
        """Address of one signal."""
        return f"{self.endpoint.rstrip('/')}/v1/{signal}"


@dataclass(frozen=True, slots=True)
class Providers:
    """The three providers of one service."""

    tracing: TracerProvider
    logs: LoggerProvider
    metrics: MeterProvider


class _Closable(Protocol):
    def shutdown(self) -> None: ...


class Telemetry:
    """The providers of every service by its name; closed as one.

    Parameters
    ----------
    exporters
        What to cut short where closing takes too long.
    """

    def __init__(
        self, providers: Mapping[str, Providers], exporters: tuple[_Closable, ...] = ()
    ) -> None:
        self.providers = providers
        self._exporters = exporters

    def close(self, timeout_s: float) -> bool:
        """Send what is queued and stop; False when that took longer than `timeout_s`."""
        closers = [
            threading.Thread(target=provider.shutdown, daemon=True)
            for service in self.providers.values()
            for provider in (service.tracing, service.logs, service.metrics)
        ]
        if _finished(closers, timeout_s):
            return True
        for exporter in self._exporters:
            # This ends the retries that the other threads are waiting for.
            exporter.shutdown()
        return False


def _finished(threads: list[threading.Thread], timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return not any(thread.is_alive() for thread in threads)


def resource(service: Service) -> Resource:
    """Describe a service as OpenTelemetry does."""
    return Resource.create(
        {
            "service.name": service.name,
            "service.version": service.version,
            "service.instance.id": f"{service.name}-1",
            "deployment.environment.name": service.environment,
        }
    )


def open_telemetry(sending: Sending, ids: IdGenerator) -> Telemetry:
    """Build the providers of every service, sending over OTLP/HTTP."""
    providers: dict[str, Providers] = {}
    exporters: list[_Closable] = []
    for service in SERVICES:
        providers[service.name] = _providers(service, sending, ids, exporters.append)
    return Telemetry(providers, tuple(exporters))


def _providers(
    service: Service, sending: Sending, ids: IdGenerator, keep: Callable[[_Closable], None]
) -> Providers:
    spans, records, points = _exporters(sending)
    for exporter in (spans, records, points):
        keep(exporter)
    described = resource(service)
    tracing = TracerProvider(resource=described, id_generator=ids, shutdown_on_exit=False)
    tracing.add_span_processor(
        BatchSpanProcessor(
            spans,
            max_queue_size=sending.queue_max_records,
            schedule_delay_millis=sending.interval_ms,
        )
    )
    logs = LoggerProvider(resource=described, shutdown_on_exit=False)
    logs.add_log_record_processor(
        BatchLogRecordProcessor(
            records,
            max_queue_size=sending.queue_max_records,
            schedule_delay_millis=sending.interval_ms,
        )
    )
    reader = PeriodicExportingMetricReader(
        points, export_interval_millis=sending.metric_interval_ms
    )
    return Providers(tracing, logs, MeterProvider([reader], described, shutdown_on_exit=False))


def _exporters(sending: Sending) -> tuple[OTLPSpanExporter, OTLPLogExporter, OTLPMetricExporter]:
    spans, records, points = (sending.url(signal) for signal in ("traces", "logs", "metrics"))
    gzip, headers, timeout = Compression.Gzip, sending.headers, sending.export_timeout_s
    return (
        OTLPSpanExporter(spans, headers=headers, timeout=timeout, compression=gzip),
        OTLPLogExporter(records, headers=headers, timeout=timeout, compression=gzip),
        OTLPMetricExporter(points, headers=headers, timeout=timeout, compression=gzip),
    )
