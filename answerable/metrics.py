"""What Prometheus reads at /metrics: one registry, filled by the receivers and the pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.models import Signal

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_GROUP = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


class ServiceMetrics:
    """Implements what receivers and pipeline report to.

    Every label is bounded: protocols, signals, status codes, reasons and routes, never tenants.
    """

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        call = ("protocol", "signal")
        self._requests = Counter(
            "answerable_ingest_requests",
            "Export requests answered, by HTTP status or gRPC code.",
            (*call, "code"),
            registry=registry,
        )
        self._items = Counter(
            "answerable_ingest_items",
            "Spans, data points and log records in them.",
            call,
            registry=registry,
        )
        self._bytes = Counter(
            "answerable_ingest_bytes", "Bytes of them as sent.", call, registry=registry
        )
        self._seconds = Histogram(
            "answerable_ingest_seconds",
            "From the first byte of an export request to its answer.",
            call,
            buckets=_SECONDS,
            registry=registry,
        )
        self._groups = Histogram(
            "answerable_group_requests",
            "Export requests stored by one insert.",
            ("signal",),
            buckets=_GROUP,
            registry=registry,
        )
        self._inserts = Histogram(
            "answerable_insert_seconds",
            "From the journal write of a group to its read-back.",
            ("signal",),
            buckets=_SECONDS,
            registry=registry,
        )
        self._inserted = Counter(
            "answerable_inserted_items",
            "Items handed to the store.",
            ("signal",),
            registry=registry,
        )
        self._failures = Counter(
            "answerable_store_failures",
            "Failed inserts and ledger flushes, by error.",
            ("what", "error"),
            registry=registry,
        )
        self._rejections = Counter(
            "answerable_ingest_rejections",
            "Export requests refused before they were submitted, by reason.",
            ("signal", "reason"),
            registry=registry,
        )
        self._api = Histogram(
            "answerable_api_seconds",
            "From an API request to its answer.",
            ("method", "route", "status"),
            buckets=_SECONDS,
            registry=registry,
        )

    def request(
        self,
        *,
        protocol: str,
        signal: Signal,
        code: str,
        items: int,
        wire_bytes: int,
        seconds: float,
    ) -> None:
        """Count one answered export request (`collector.component.IngestMetrics`)."""
        self._requests.labels(protocol, signal.value, code).inc()
        self._items.labels(protocol, signal.value).inc(items)
        self._bytes.labels(protocol, signal.value).inc(wire_bytes)
        self._seconds.labels(protocol, signal.value).observe(seconds)

    def committed(self, signal: Signal, requests: int, items: int, seconds: float) -> None:
        """Count one stored group (`collector.measures.PipelineMeasures`)."""
        self._groups.labels(signal.value).observe(requests)
        self._inserts.labels(signal.value).observe(seconds)
        self._inserted.labels(signal.value).inc(items)

    def failed(self, what: str, error: Exception) -> None:
        """Count a failed insert or flush (`collector.measures.PipelineMeasures`)."""
        self._failures.labels(what, type(error).__name__).inc()

    def rejected(self, signal: Signal, reason: str) -> None:
        """Count a refusal at the door."""
        self._rejections.labels(signal.value, reason).inc()

    def api(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered API request; `route` is the template, not the path."""
        self._api.labels(method, route, str(status)).observe(seconds)

    def watch(self, name: str, help_text: str, read: Callable[[], float]) -> None:
        """Add a gauge that is read when it is scraped."""
        Gauge(name, help_text, registry=self.registry).set_function(read)

    def page(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)
