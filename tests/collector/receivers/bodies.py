"""Export requests for tests, and the message types of each signal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as traces

from collector.models import Signal

if TYPE_CHECKING:
    from collections.abc import Callable

START_NS = 1_700_000_000_000_000_000
REQUESTS = {
    Signal.TRACES: traces.ExportTraceServiceRequest,
    Signal.METRICS: metrics.ExportMetricsServiceRequest,
    Signal.LOGS: logs.ExportLogsServiceRequest,
}
RESPONSES = {
    Signal.TRACES: traces.ExportTraceServiceResponse,
    Signal.METRICS: metrics.ExportMetricsServiceResponse,
    Signal.LOGS: logs.ExportLogsServiceResponse,
}


def trace_request(spans: int = 3, attributes: int = 2, value: str = "v") -> bytes:
    request = traces.ExportTraceServiceRequest()
    scope = request.resource_spans.add().scope_spans.add()
    for number in range(spans):
        span = scope.spans.add()
        span.trace_id = bytes(range(200, 216))
        span.span_id = (number + 1).to_bytes(8, "big")
        span.name = "chat"
        span.start_time_unix_nano = START_NS + number
        span.end_time_unix_nano = START_NS + number + 5
        for index in range(attributes):
            attribute = span.attributes.add()
            attribute.key = f"key.{index}"
            attribute.value.string_value = value
    return request.SerializeToString()


def metric_request(points: int = 3) -> bytes:
    request = metrics.ExportMetricsServiceRequest()
    metric = request.resource_metrics.add().scope_metrics.add().metrics.add()
    metric.name = "tokens"
    metric.unit = "1"
    for number in range(points):
        point = metric.gauge.data_points.add()
        point.time_unix_nano = START_NS + number
        point.as_double = 0.5
    return request.SerializeToString()


def log_request(records: int = 3) -> bytes:
    request = logs.ExportLogsServiceRequest()
    scope = request.resource_logs.add().scope_logs.add()
    for number in range(records):
        record = scope.log_records.add()
        record.time_unix_nano = START_NS + number
        record.severity_number = 9
        record.body.string_value = "hello"
    return request.SerializeToString()


BODIES: dict[Signal, Callable[[], bytes]] = {
    Signal.TRACES: trace_request,
    Signal.METRICS: metric_request,
    Signal.LOGS: log_request,
}
