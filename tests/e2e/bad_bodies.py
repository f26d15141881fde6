"""Requests for the tests of bad input: good ones, broken ones, and how to send them."""

from __future__ import annotations

import itertools
import json
import os
import threading
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar

import grpc
import httpx
from google.rpc.error_details_pb2 import BadRequest
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

MIB = 1 << 20
TIMEOUT_S = 30.0
NEIGHBOURS = 3
#: Without certificates, whose loading costs more than the request; there is no TLS here.
PLAIN: dict[str, Any] = {"timeout": TIMEOUT_S, "trust_env": False, "verify": False}
PROTOBUF = "application/x-protobuf"
JSON = "application/json"
SIGNALS = ("traces", "metrics", "logs")
SERVICES = {
    "traces": "opentelemetry.proto.collector.trace.v1.TraceService",
    "metrics": "opentelemetry.proto.collector.metrics.v1.MetricsService",
    "logs": "opentelemetry.proto.collector.logs.v1.LogsService",
}

_numbers = itertools.count(1)
T = TypeVar("T")


class Refused(NamedTuple):
    """What a sender is told: HTTP status or gRPC code, message, and path of the fault."""

    status: int
    message: str
    field: str


def new_span(name: str = "good", trace_id: bytes = b"", **fields: Any) -> Span:
    """A span that started now, with ids of its own unless a trace is given."""
    number = next(_numbers)
    now_ns = time.time_ns()
    given = {
        "trace_id": trace_id or os.getpid().to_bytes(8, "big") + number.to_bytes(8, "big"),
        "span_id": number.to_bytes(8, "big"),
        "name": name,
        "start_time_unix_nano": now_ns,
        "end_time_unix_nano": now_ns + 1_000_000,
    }
    return Span(**{**given, **fields})


def traces(*spans: Span) -> bytes:
    """A request with these spans."""
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    service = group.resource.attributes.add(key="service.name")
    service.value.string_value = "bad-input"
    group.scope_spans.add().spans.extend(spans)
    return request.SerializeToString()


def metrics(name: str = "m", time_ns: int | None = None, value: float = 1.5) -> bytes:
    """A request with one gauge point."""
    request = ExportMetricsServiceRequest()
    metric = request.resource_metrics.add().scope_metrics.add().metrics.add(name=name)
    point = metric.gauge.data_points.add(as_double=value)
    point.time_unix_nano = time.time_ns() if time_ns is None else time_ns
    return request.SerializeToString()


def logs(**fields: Any) -> bytes:
    """A request with one log record."""
    request = ExportLogsServiceRequest()
    given = {"time_unix_nano": time.time_ns(), **fields}
    record = request.resource_logs.add().scope_logs.add().log_records.add(**given)
    record.body.string_value = "hello"
    return request.SerializeToString()


def good(signal: str) -> bytes:
    """A good request of a signal."""
    return {"traces": lambda: traces(new_span()), "metrics": metrics, "logs": logs}[signal]()


def nested(depth: int, leaf: str = "leaf") -> dict[str, Any]:
    """An attribute of OTLP/JSON with key-value lists inside one another."""
    value: dict[str, Any] = {"stringValue": leaf}
    for _ in range(depth):
        value = {"kvlistValue": {"values": [{"key": "k", "value": value}]}}
    return {"key": "deep", "value": value}


def json_span(**fields: Any) -> bytes:
    """A request with one span, as OTLP/JSON."""
    number = next(_numbers)
    now_ns = time.time_ns()
    span = {
        "traceId": f"{os.getpid():016x}{number:016x}",
        "spanId": f"{number:016x}",
        "name": "json",
        "startTimeUnixNano": str(now_ns),
        "endTimeUnixNano": str(now_ns + 1000),
        **fields,
    }
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}).encode()


def bomb(wbits: int, mebibytes: int = 256) -> bytes:
    """Zeros that inflate to far more than a service takes, compressed without holding them."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, wbits)
    zeros = bytes(MIB)
    parts = [compressor.compress(zeros) for _ in range(mebibytes)]
    return b"".join([*parts, compressor.flush()])


def post(
    service: Any, key: str | None, signal: str, body: Any, content_type: str = PROTOBUF, **more: str
) -> httpx.Response:
    """Send one request over HTTP; `more` are headers with _ for a hyphen."""
    headers = {name.replace("_", "-"): value for name, value in more.items()}
    if content_type:
        headers["Content-Type"] = content_type
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    return httpx.post(
        f"{service.http_url}/v1/{signal}",
        content=body,
        headers=headers,
        **PLAIN,
    )


def call(service: Any, key: str | None, signal: str, body: bytes) -> bytes | Refused:
    """Send one request over gRPC."""
    metadata = (("authorization", f"Bearer {key}"),) if key is not None else ()
    options = [("grpc.max_send_message_length", -1)]
    with grpc.insecure_channel(service.grpc_target, options=options) as channel:
        export = channel.unary_unary(f"/{SERVICES[signal]}/Export")
        try:
            answer: bytes = export(body, metadata=metadata, timeout=TIMEOUT_S)
        except grpc.RpcError as error:
            trailing = dict(error.trailing_metadata() or ())
            details = Status.FromString(trailing.get("grpc-status-details-bin", b""))
            return Refused(error.code().value[0], error.details(), _field(details))
        return answer


def refusal(answer: httpx.Response) -> Refused:
    """Read the google.rpc.Status of an error; it must come as the request did."""
    content_type = answer.headers["content-type"]
    assert content_type in {PROTOBUF, JSON}
    sent = answer.request.headers.get("content-type", "")
    assert content_type == (PROTOBUF if sent == PROTOBUF else JSON)
    if content_type == PROTOBUF:
        status = Status.FromString(answer.content)
        return Refused(answer.status_code, status.message, _field(status))
    body = answer.json()
    details = body.get("details", [])
    field = next((d["fieldViolations"][0]["field"] for d in details if "fieldViolations" in d), "")
    return Refused(answer.status_code, body["message"], field)


def _field(status: Status) -> str:
    found = BadRequest()
    for detail in status.details:
        if detail.Unpack(found):
            return found.field_violations[0].field
    return ""


def together(service: Any, key: str, bad: Callable[[], T]) -> T:
    """Do something bad at the moment good requests come in; each of those must be stored."""
    barrier = threading.Barrier(NEIGHBOURS + 1)
    spans = [new_span("neighbour") for _ in range(NEIGHBOURS)]

    def at_once(send: Callable[[], Any]) -> Any:
        barrier.wait(TIMEOUT_S)
        return send()

    with ThreadPoolExecutor(NEIGHBOURS + 1) as pool:
        sending = [
            pool.submit(at_once, lambda span=span: post(service, key, "traces", traces(span)))
            for span in spans
        ]
        outcome: T = pool.submit(at_once, bad).result(2 * TIMEOUT_S)
        for answer in [future.result(2 * TIMEOUT_S) for future in sending]:
            assert (answer.status_code, answer.content) == (200, b"")
    with httpx.Client(base_url=service.http_url, headers=service.headers(), **PLAIN) as client:
        for span in spans:
            found = client.get(f"/v1/traces/{span.trace_id.hex()}").json()["spans"]
            assert [one["span_id"] for one in found] == [span.span_id.hex()]
    return outcome
