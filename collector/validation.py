"""Validate a protobuf body by parsing it with upb, count its items, and spot a wrong path.

The three requests share their outer field numbers, so a body of one signal often parses as
another. The first item gives it away; nothing beyond the first item is looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from google.protobuf.message import DecodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.errors import MalformedError, WrongSignalError
from collector.models import Signal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Shape(NamedTuple):
    """How to reach and judge the items of one signal."""

    request: type[Message]
    groups: Callable[[Any], Iterator[Any]]
    count: Callable[[Any], int]
    proven: Callable[[Any], bool]
    likely: Callable[[Any], bool]
    odd: Callable[[Any], bool]


def items_of(signal: Signal, body: bytes, *, part_of_item: bool = False) -> int:
    """Validate a body and count its spans, data points or log records.

    Parameters
    ----------
    part_of_item
        The body holds a part of one item, which says nothing about the signal.

    Raises
    ------
    MalformedError
        upb cannot parse it: truncated, not protobuf, or text that is not UTF-8.
    WrongSignalError
        It is telemetry of another signal; the message names the path it belongs to.
    """
    if not body:
        return 0
    shape = SHAPES[signal]
    request: Any = shape.request()
    try:
        request.ParseFromString(body)
    except DecodeError as error:
        other = _other_signal(signal, body)
        if other is not None:
            raise wrong_signal(signal, other) from error
        raise MalformedError(
            f"The body is not a valid {request.DESCRIPTOR.name}: it is cut short, "
            "not protobuf, nested too deep, or holds text that is not UTF-8."
        ) from error
    item = None if part_of_item else _first(shape.groups(request))
    if item is not None and _is_doubtful(shape, item):
        other = _other_signal(signal, body)
        if other is not None:
            raise wrong_signal(signal, other)
    return shape.count(request)


def plainest(signal: Signal, body: bytes) -> bytes | None:
    """Write a body anew the way most senders would, or None where upb cannot read it.

    Protobuf lets a sender write a field twice, an empty packed field, a bool of 7 or a group we do
    not know; ClickHouse refuses them.
    """
    request: Any = SHAPES[signal].request()
    try:
        request.ParseFromString(body)
    except DecodeError:
        return None
    request.DiscardUnknownFields()
    plain: bytes = request.SerializeToString()
    return plain


def wrong_signal(signal: Signal, other: Signal) -> WrongSignalError:
    """Say which path a body of `other` belongs to."""
    return WrongSignalError(
        f"This body holds {other}, not {signal}; POST it to /v1/{other} (over gRPC: "
        f"{SERVICES[other]}/Export)."
    )


def _first(groups: Iterator[Any]) -> Any:
    return next((group[0] for group in groups if group), None)


def _is_doubtful(shape: Shape, item: Any) -> bool:
    return not shape.proven(item) and (shape.odd(item) or _has_foreign_fields(item))


def _other_signal(signal: Signal, body: bytes) -> Signal | None:
    for other, shape in SHAPES.items():
        if other is not signal and _is_plausible(shape, body):
            return other
    return None


def _is_plausible(shape: Shape, body: bytes) -> bool:
    request: Any = shape.request()
    try:
        request.ParseFromString(body)
    except DecodeError:
        return False
    item = _first(shape.groups(request))
    if item is None or _has_foreign_fields(item):
        return False
    return shape.proven(item) or shape.likely(item)


def _has_foreign_fields(item: Message) -> bool:
    # A field we know by number, left unknown because its wire type differs, never comes from
    # a newer sender of the same signal: protobuf fields do not change type.
    fields = item.DESCRIPTOR.fields_by_number
    unknown = UnknownFieldSet(item)
    return any(unknown[index].field_number in fields for index in range(len(unknown)))


def _span_groups(request: Any) -> Iterator[Any]:
    return (scope.spans for entry in request.resource_spans for scope in entry.scope_spans)


def _log_groups(request: Any) -> Iterator[Any]:
    return (scope.log_records for entry in request.resource_logs for scope in entry.scope_logs)


def _metric_groups(request: Any) -> Iterator[Any]:
    return (scope.metrics for entry in request.resource_metrics for scope in entry.scope_metrics)


def _count_spans(request: Any) -> int:
    return sum(map(len, _span_groups(request)))


def _count_logs(request: Any) -> int:
    return sum(map(len, _log_groups(request)))


def _count_points(request: Any) -> int:
    count = 0
    for metrics in _metric_groups(request):
        for metric in metrics:
            data = metric.WhichOneof("data")
            if data is not None:
                count += len(getattr(metric, data).data_points)
    return count


# Proven: a field whose wire type no other signal has at that number.


def _span_proven(span: Any) -> bool:
    return bool(span.start_time_unix_nano)


def _log_proven(record: Any) -> bool:
    return bool(record.time_unix_nano or record.observed_time_unix_nano or record.severity_number)


def _metric_proven(metric: Any) -> bool:
    return bool(metric.HasField("sum") and metric.sum.data_points)


# Likely: unproven, but a well formed item all the same.


def _span_likely(span: Any) -> bool:
    return len(span.trace_id) == 16 and len(span.span_id) == 8


def _log_likely(record: Any) -> bool:
    return record.body.WhichOneof("value") is not None


def _metric_likely(metric: Any) -> bool:
    data = metric.WhichOneof("data")
    if data is None or not metric.name or not metric.name.isprintable():
        return False
    points = getattr(metric, data).data_points
    return len(points) > 0 and not _has_foreign_fields(points[0])


# Odd: unproven and so unlike the signal that the others are tried. Every field of a log
# record and of a metric may be absent, so for them only foreign fields are odd.


def _span_odd(span: Any) -> bool:
    return not _span_likely(span) or span.trace_id.isascii()


def _never_odd(_: Any) -> bool:
    return False


# In the order in which they are tried for a body on a wrong path, the pickiest first.
SHAPES: dict[Signal, Shape] = {
    Signal.METRICS: Shape(
        ExportMetricsServiceRequest,
        _metric_groups,
        _count_points,
        _metric_proven,
        _metric_likely,
        _never_odd,
    ),
    Signal.TRACES: Shape(
        ExportTraceServiceRequest, _span_groups, _count_spans, _span_proven, _span_likely, _span_odd
    ),
    Signal.LOGS: Shape(
        ExportLogsServiceRequest, _log_groups, _count_logs, _log_proven, _log_likely, _never_odd
    ),
}

SERVICES: dict[Signal, str] = {
    Signal.TRACES: "opentelemetry.proto.collector.trace.v1.TraceService",
    Signal.METRICS: "opentelemetry.proto.collector.metrics.v1.MetricsService",
    Signal.LOGS: "opentelemetry.proto.collector.logs.v1.LogsService",
}
"""gRPC service of each signal; the method is `Export`."""
