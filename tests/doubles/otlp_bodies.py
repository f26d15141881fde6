"""Small OTLP requests with known contents."""

from __future__ import annotations

import random

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.models import Grant, Signal, Submission


def attribute(key: str, value: str | bool | int | float) -> KeyValue:
    """Build one attribute of the type of `value`."""
    found = KeyValue(key=key)
    if isinstance(value, bool):
        found.value.bool_value = value
    elif isinstance(value, int):
        found.value.int_value = value
    elif isinstance(value, float):
        found.value.double_value = value
    else:
        found.value.string_value = value
    return found


def span(rng: random.Random, time_ns: int, name: str = "work", **attributes: object) -> Span:
    """Build a span of 5 ms; attribute names are given with __ for a dot."""
    return Span(
        trace_id=rng.randbytes(16),
        span_id=rng.randbytes(8),
        name=name,
        start_time_unix_nano=time_ns,
        end_time_unix_nano=time_ns + 5_000_000,
        attributes=[attribute(key.replace("__", "."), value) for key, value in attributes.items()],  # type: ignore[arg-type]
    )


def traces(rng: random.Random, time_ns: int, spans: int = 3, service: str = "shop") -> bytes:
    """Build a request whose every third span is a decision that used tokens."""
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.append(attribute("service.name", service))
    scope = group.scope_spans.add()
    scope.scope.name = "tests"
    for number in range(spans):
        extra: dict[str, object] = {"number": number}
        if number % 3 == 0:
            extra |= {
                "answerable__confidence": 0.5,
                "gen_ai__request__model": "m",
                "gen_ai__usage__input_tokens": 10,
                "gen_ai__usage__output_tokens": 4,
            }
        scope.spans.append(span(rng, time_ns + number, **extra))
    return request.SerializeToString()


def logs(rng: random.Random, time_ns: int, records: int = 2) -> bytes:
    """Build a request of plain records."""
    request = ExportLogsServiceRequest()
    scope = request.resource_logs.add().scope_logs.add()
    for number in range(records):
        record = scope.log_records.add(time_unix_nano=time_ns + number, severity_number=9)
        record.body.string_value = f"line {rng.random()}"
    return request.SerializeToString()


def metrics(rng: random.Random, time_ns: int, points: int = 2) -> bytes:
    """Build a request with one gauge."""
    request = ExportMetricsServiceRequest()
    metric = request.resource_metrics.add().scope_metrics.add().metrics.add(name="level", unit="1")
    for number in range(points):
        metric.gauge.data_points.add(time_unix_nano=time_ns + number, as_double=rng.random())
    return request.SerializeToString()


def submission(
    body: bytes,
    items: int,
    time_ns: int,
    *,
    signal: Signal = Signal.TRACES,
    tenant: str = "acme",
    tenants: tuple[str, ...] = (),
) -> Submission:
    """Wrap a body as a receiver would."""
    grant = Grant(key_id="k1", tenant=tenant, tenants=tenants)
    return Submission(signal, body, items, len(body), time_ns, grant)
