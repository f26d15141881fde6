"""The OpenTelemetry SDK for Python as a sender, over HTTP and gRPC: what it sends is read back."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import grpc
import pytest
from opentelemetry import trace
from opentelemetry._logs import SeverityNumber
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcLogs
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as GrpcMetrics
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpans
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpLogs
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter as HttpMetrics
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpans
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags
from opentelemetry.trace.span import TraceState

from tests.e2e import readback

PROTOCOLS = ["http", "grpc"]
TIMEOUT_S = 15
NEVER_MS = math.inf
START_NS = 1_760_000_000_123_456_789

RESOURCE = {
    "service.name": "sdk-python",
    "service.version": "1.4.2",
    "deployment.environment.name": "test",
    "app.replicas": 3,
    "app.tags": ("blue", "eu"),
}
SCOPE_ATTRIBUTES = {"scope.short": "grading", "scope.level": 2}
SCHEMA_URL = "https://opentelemetry.io/schemas/1.44.0"

EVERY_TYPE = {
    "text": "grüße, 世界 🎓",
    "text.empty": "",
    "text.nul": "a\0b",
    "text.quoted": "'\"\\\n\t",
    "yes": True,
    "no": False,
    "int": 42,
    "int.zero": 0,
    "int.negative": -7,
    "int.largest": 2**63 - 1,
    "int.smallest": -(2**63),
    "int.exact": 2**53 - 1,
    "double": 0.1,
    "double.whole": 3.0,
    "double.tiny": 5e-324,
    "double.huge": 1.7976931348623157e308,
    "bytes": b"\x00\xff\xfe",
    "none": None,
    "texts": ["alpha", "", "世界"],
    "bools": [True, False],
    "ints": [1, -(2**63), 2**63 - 1],
    "doubles": [0.5, -1e300, 2.0],
    "empty": [],
    "mixed": ["a", 1, 2.5, True, None, [1, ["deep"]]],
    "map": {"name": "x", "count": 3, "share": 0.25, "inner": {"list": ["y", False]}},
    "ключ with spaces": "key",
}


@dataclass
class Sdk:
    """Makes providers that export to a service by one protocol."""

    protocol: str
    service: Any
    key: str

    def spans(self) -> Any:
        return self._exporter(HttpSpans, GrpcSpans, "traces")

    def logs(self) -> Any:
        return self._exporter(HttpLogs, GrpcLogs, "logs")

    def metrics(self) -> Any:
        return self._exporter(HttpMetrics, GrpcMetrics, "metrics")

    def _exporter(self, over_http: Any, over_grpc: Any, signal: str) -> Any:
        headers = {"authorization": f"Bearer {self.key}"}
        if self.protocol == "http":
            return over_http(
                f"{self.service.http_url}/v1/{signal}",
                headers=headers,
                timeout=TIMEOUT_S,
                compression=Compression.Gzip,
            )
        return over_grpc(
            self.service.grpc_target,
            insecure=True,
            headers=headers,
            timeout=TIMEOUT_S,
            compression=grpc.Compression.Gzip,
        )


MakeSdk = Callable[..., Sdk]


@pytest.fixture(params=PROTOCOLS)
def tenant(request: pytest.FixtureRequest) -> str:
    """A tenant of this test and protocol, so that counts are exact."""
    name = request.node.originalname.removeprefix("test_")[:24]
    return f"py-{request.param}-{name}"


@pytest.fixture
def sdk(service: Any, tenant: str) -> Sdk:
    """The SDK with a key of that tenant."""
    key = service.make_key("sdk", ["ingest"], [tenant])
    return Sdk(tenant.split("-")[1], service, key)


@pytest.fixture
def tracing(sdk: Sdk) -> Iterator[TracerProvider]:
    """A tracer provider that keeps at most 40 attributes, 3 events and 2 links."""
    limits = SpanLimits(
        max_span_attributes=40,
        max_events=3,
        max_links=2,
        max_event_attributes=4,
        max_link_attributes=1,
    )
    provider = TracerProvider(resource=Resource(RESOURCE, SCHEMA_URL), span_limits=limits)
    provider.add_span_processor(BatchSpanProcessor(sdk.spans()))
    yield provider
    provider.shutdown()


def tracer_of(provider: TracerProvider) -> trace.Tracer:
    return provider.get_tracer("grading", "2.0.1", SCHEMA_URL, SCOPE_ATTRIBUTES)


def test_attributes_keep_their_types(service: Any, tenant: str, tracing: TracerProvider) -> None:
    span = tracer_of(tracing).start_span("typed", attributes=EVERY_TYPE)
    span.add_event("typed", attributes={"n": 1, "share": 0.5, "tags": ["a"]})
    span.end()
    assert tracing.force_flush()
    [found] = readback.read_trace(service, span.get_span_context().trace_id, tenant)["spans"]
    assert readback.typed(found) == readback.as_sent(EVERY_TYPE)
    [event] = found["events"]
    assert readback.typed(event) == readback.as_sent({"n": 1, "share": 0.5, "tags": ["a"]})


def test_a_trace_is_read_back_field_by_field(
    service: Any, tenant: str, tracing: TracerProvider
) -> None:
    state = TraceState([("vendor", "a:1"), ("other", "b")])
    remote = SpanContext(0xA1 << 120 | 7, 0xB2 << 56, True, TraceFlags(1), state)
    elsewhere = SpanContext(3 << 100, 4 << 40, False, TraceFlags(1))
    root = tracer_of(tracing).start_span(
        "POST /grade",
        context=trace.set_span_in_context(trace.NonRecordingSpan(remote)),
        kind=SpanKind.SERVER,
        links=[Link(elsewhere, {"link.kind": "follows", "dropped": 1}), Link(remote), Link(remote)],
        start_time=START_NS,
    )
    for number in range(4):
        root.add_event(
            f"retry {number}",
            {"attempt": number, "a": 1, "b": 2, "c": 3, "d": 4},
            timestamp=START_NS + 10 + number,
        )
    root.set_attributes({f"key.{number}": number for number in range(42)})
    root.set_status(Status(StatusCode.ERROR, "outside the rubric"))
    root.end(START_NS + 987_654_321)
    assert tracing.force_flush()

    found = readback.read_trace(service, remote.trace_id, tenant)
    assert found["tenant"] == tenant
    assert found["start_time"] == "2025-10-09T08:53:20.123456789Z"
    assert found["duration_ns"] == 987_654_321
    [span] = found["spans"]
    assert span["span_id"] == f"{root.get_span_context().span_id:016x}"
    assert span["parent_span_id"] == f"{remote.span_id:016x}"
    assert span["name"] == "POST /grade"
    assert span["kind"] == "SERVER"
    assert span["service"] == "sdk-python"
    assert span["start_time"] == "2025-10-09T08:53:20.123456789Z"
    assert span["duration_ns"] == 987_654_321
    assert span["status"] == {"code": "ERROR", "message": "outside the rubric"}
    assert span["trace_state"] == "vendor=a:1,other=b"
    # The parent came from another process: both bits of OTLP's flags say so.
    assert span["flags"] == 0x300
    assert span["dropped"] == {"attributes": 2, "events": 1, "links": 1}
    assert readback.typed(span) == readback.as_sent({f"key.{n}": n for n in range(2, 42)})

    assert [event["name"] for event in span["events"]] == ["retry 1", "retry 2", "retry 3"]
    assert span["events"][0]["time"] == "2025-10-09T08:53:20.123456800Z"
    assert readback.typed(span["events"][0]) == readback.as_sent({"a": 1, "b": 2, "c": 3, "d": 4})
    assert [event["dropped_attributes_count"] for event in span["events"]] == [1, 1, 1]
    sent_links = {(link.context.trace_id, link.context.span_id) for link in root.links}
    assert {(int(k["trace_id"], 16), int(k["span_id"], 16)) for k in span["links"]} == sent_links
    assert len(span["links"]) == 2


def test_resource_and_scope_are_kept(service: Any, tenant: str, tracing: TracerProvider) -> None:
    span = tracer_of(tracing).start_span("scoped")
    span.end()
    assert tracing.force_flush()
    [found] = readback.read_trace(service, span.get_span_context().trace_id, tenant)["spans"]
    assert readback.typed(found["resource"]) == readback.as_sent(RESOURCE)
    assert found["resource"]["schema_url"] == SCHEMA_URL
    scope = found["scope"]
    assert (scope["name"], scope["version"]) == ("grading", "2.0.1")
    assert scope["schema_url"] == SCHEMA_URL
    assert readback.typed(scope) == readback.as_sent(SCOPE_ATTRIBUTES)


def test_a_link_is_kept_whole(service: Any, tenant: str, tracing: TracerProvider) -> None:
    context = SpanContext(0xFEED << 100, 0xBEEF << 40, True, TraceFlags(1))
    span = tracer_of(tracing).start_span("linked", links=[Link(context, {"link.order": 3})])
    span.end()
    assert tracing.force_flush()
    [found] = readback.read_trace(service, span.get_span_context().trace_id, tenant)["spans"]
    [link] = found["links"]
    assert link["trace_id"] == f"{context.trace_id:032x}"
    assert link["span_id"] == f"{context.span_id:016x}"
    assert link["flags"] == 0x300
    assert readback.typed(link) == readback.as_sent({"link.order": 3})


def test_kinds_statuses_and_parents(service: Any, tenant: str, tracing: TracerProvider) -> None:
    tracer = tracer_of(tracing)
    with tracer.start_as_current_span("root") as root:
        for kind in SpanKind:
            with tracer.start_as_current_span(kind.name, kind=kind):
                pass
        for code in (StatusCode.UNSET, StatusCode.OK, StatusCode.ERROR):
            with tracer.start_as_current_span(f"status {code.name}") as span:
                span.set_status(code)
        with pytest.raises(ValueError, match="no rubric"), tracer.start_as_current_span("raises"):
            raise ValueError("no rubric")
    assert tracing.force_flush()
    spans = readback.spans_by_name(
        readback.read_trace(service, root.get_span_context().trace_id, tenant)
    )
    assert {kind.name: spans[kind.name]["kind"] for kind in SpanKind} == {
        kind.name: kind.name for kind in SpanKind
    }
    for code in ("UNSET", "OK", "ERROR"):
        assert spans[f"status {code}"]["status"]["code"] == code
    assert spans["root"]["parent_span_id"] is None
    parents = {span["parent_span_id"] for name, span in spans.items() if name != "root"}
    assert parents == {spans["root"]["span_id"]}
    assert spans["raises"]["status"] == {"code": "ERROR", "message": "ValueError: no rubric"}
    [event] = spans["raises"]["events"]
    assert event["name"] == "exception"
    assert event["attributes"]["exception.type"] == "ValueError"
    assert event["attributes"]["exception.message"] == "no rubric"
    assert 'raise ValueError("no rubric")' in event["attributes"]["exception.stacktrace"]
    assert readback.amounts(service, tenant) == {
        ("traces", "received", ""): len(spans),
        ("traces", "stored", ""): len(spans),
    }


def test_logs_are_read_back_field_by_field(
    service: Any, tenant: str, sdk: Sdk, tracing: TracerProvider
) -> None:
    provider = LoggerProvider(resource=Resource(RESOURCE))
    provider.add_log_record_processor(BatchLogRecordProcessor(sdk.logs()))
    logger = provider.get_logger("grading", "2.0.1")
    body = {"stage": "grade", "score": 7, "ratio": 0.5, "final": False, "notes": ["short", None]}
    now_ns = time.time_ns()
    with tracer_of(tracing).start_as_current_span("logged") as span:
        logger.emit(
            timestamp=now_ns + 1,
            observed_timestamp=now_ns + 2,
            severity_number=SeverityNumber.INFO2,
            severity_text="Information",
            body="essay queued, 世界",
            attributes=EVERY_TYPE,
        )
        logger.emit(
            timestamp=now_ns + 3,
            severity_number=SeverityNumber.FATAL4,
            severity_text="PANIC",
            body=body,
            event_name="grade.finished",
        )
    logger.emit(timestamp=now_ns, body="outside any trace")
    assert provider.force_flush()
    assert tracing.force_flush()
    provider.shutdown()

    context = span.get_span_context()
    first, second = readback.read_trace(service, context.trace_id, tenant)["logs"]
    assert {log["span_id"] for log in (first, second)} == {f"{context.span_id:016x}"}
    assert {log["service"] for log in (first, second)} == {"sdk-python"}
    assert second["observed_time"] >= second["time"]
    assert nanoseconds(first["time"]) == now_ns + 1
    assert nanoseconds(first["observed_time"]) == now_ns + 2
    assert (first["severity"], first["severity_text"]) == (10, "Information")
    assert first["body"] == "essay queued, 世界"
    assert first["event_name"] == ""
    assert readback.typed(first) == readback.as_sent(EVERY_TYPE)
    assert nanoseconds(second["time"]) == now_ns + 3
    assert (second["severity"], second["severity_text"]) == (24, "PANIC")
    assert second["body"] == body
    assert second["event_name"] == "grade.finished"
    assert readback.amounts(service, tenant)["logs", "stored", ""] == 3


def nanoseconds(text: str) -> int:
    """RFC 3339 with nine digits, as nanoseconds since 1970."""
    seconds, _, fraction = text.removesuffix("Z").partition(".")
    moment = datetime.fromisoformat(f"{seconds}+00:00")
    return int(moment.timestamp()) * 1_000_000_000 + int(fraction)


def metric_views() -> list[View]:
    return [View(instrument_name="app.tokens", aggregation=ExponentialBucketHistogramAggregation())]


def record_metrics(meter: Any) -> None:
    """Use every kind of instrument."""

    def observe(_: CallbackOptions) -> list[Observation]:
        return [Observation(20.5, {"room": "a"}), Observation(21, {"room": "b"})]

    def total(_: CallbackOptions) -> list[Observation]:
        return [Observation(99)]

    counter = meter.create_counter("app.requests", "{request}", "Requests served")
    counter.add(2, {"route": "/grade", "shard": 1})
    counter.add(3, {"route": "/grade", "shard": 1})
    meter.create_up_down_counter("app.in_flight").add(-2.5)
    meter.create_gauge("app.depth").set(2**62)
    meter.create_observable_gauge("app.temperature", [observe], "Cel")
    meter.create_observable_counter("app.total", [total])
    meter.create_observable_up_down_counter("app.balance", [total])
    latency = meter.create_histogram(
        "app.latency", "ms", explicit_bucket_boundaries_advisory=[1, 5, 10]
    )
    for value in (0.5, 4, 7, 100):
        latency.record(value, {"route": "/grade"})
    tokens = meter.create_histogram("app.tokens", "{token}")
    for value in (0, 1, 2, 4, 1024):
        tokens.record(value)


def send_metrics(sdk: Sdk) -> None:
    reader = PeriodicExportingMetricReader(sdk.metrics(), export_interval_millis=NEVER_MS)
    provider = MeterProvider([reader], Resource(RESOURCE), views=metric_views())
    record_metrics(provider.get_meter("grading", "2.0.1"))
    assert provider.force_flush()
    provider.shutdown()


def test_metrics_of_every_instrument_are_stored(new_service: Callable[..., Any]) -> None:
    running = new_service().start()
    for protocol in PROTOCOLS:
        key = running.make_key(protocol, ["ingest"], [protocol])
        send_metrics(Sdk(protocol, running, key))
    counted = {protocol: readback.amounts(running, protocol) for protocol in PROTOCOLS}
    points = readback.stop_and_read(running)["metric_points"]
    for protocol in PROTOCOLS:
        found = [point for point in points if point["tenant"] == protocol]
        assert counted[protocol]["metrics", "stored", ""] == len(found)
        check_metrics(found)


def check_metrics(points: list[dict[str, Any]]) -> None:
    by_name: dict[str, list[dict[str, Any]]] = {}
    # Shutting down exports once more; the first export is what was recorded.
    for point in sorted(points, key=lambda point: point["time_ns"]):
        held = by_name.setdefault(point["metric"], [])
        if all(point["attributes"] != other["attributes"] for other in held):
            held.append(point)
    for point in points:
        assert readback.typed(point["resource"]) == readback.as_sent(RESOURCE)
        assert (point["scope"]["name"], point["scope"]["version"]) == ("grading", "2.0.1")
        assert point["service_name"] == "sdk-python"
        assert point["time_ns"] > START_NS

    [requests] = by_name["app.requests"]
    assert (requests["kind"], requests["value_int"], requests["value_double"]) == ("sum", 5, None)
    assert (requests["unit"], requests["description"]) == ("{request}", "Requests served")
    assert requests["is_monotonic"]
    assert requests["temporality"] == 2
    assert 0 < requests["start_time_unix_nano"] <= requests["time_ns"]
    assert readback.typed(requests) == readback.as_sent({"route": "/grade", "shard": 1})

    [in_flight] = by_name["app.in_flight"]
    assert (in_flight["kind"], in_flight["value_double"]) == ("sum", -2.5)
    assert not in_flight["is_monotonic"]
    [depth] = by_name["app.depth"]
    assert (depth["kind"], depth["value_int"]) == ("gauge", 2**62)
    rooms = {point["attributes"]["room"]: point for point in by_name["app.temperature"]}
    assert (rooms["a"]["value_double"], rooms["b"]["value_int"]) == (20.5, 21)
    assert {point["kind"] for point in rooms.values()} == {"gauge"}
    assert by_name["app.total"][0]["is_monotonic"]
    assert by_name["app.total"][0]["value_int"] == 99
    assert not by_name["app.balance"][0]["is_monotonic"]

    [latency] = by_name["app.latency"]
    assert latency["kind"] == "histogram"
    assert (latency["count"], latency["sum"]) == (4, 111.5)
    assert (latency["min"], latency["max"]) == (0.5, 100)
    assert latency["explicit_bounds"] == [1, 5, 10]
    assert latency["bucket_counts"] == [1, 1, 1, 1]

    [tokens] = by_name["app.tokens"]
    assert tokens["kind"] == "exponential_histogram"
    assert (tokens["count"], tokens["sum"], tokens["zero_count"]) == (5, 1031, 1)
    assert (tokens["min"], tokens["max"]) == (0, 1024)
    assert sum(tokens["positive_counts"]) == 4
    base = 2 ** (2 ** -tokens["scale"])
    bounds = [
        base ** (tokens["positive_offset"] + n) for n in range(len(tokens["positive_counts"]))
    ]
    filled = [low for low, n in zip(bounds, tokens["positive_counts"], strict=True) if n]
    assert len(filled) == 4
    assert all(
        low < value <= low * base * (1 + 1e-9)
        for low, value in zip(filled, [1, 2, 4, 1024], strict=True)
    )
