from __future__ import annotations

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.errors import MalformedError, WrongSignalError
from collector.models import Signal
from collector.validation import items_of
from tests.collector.receivers.bodies import log_request, metric_request, trace_request


def spans(*items):
    request = ExportTraceServiceRequest()
    scope = request.resource_spans.add().scope_spans.add()
    for item in items:
        scope.spans.add(**item)
    return request.SerializeToString()


def records(*items):
    request = ExportLogsServiceRequest()
    scope = request.resource_logs.add().scope_logs.add()
    for item in items:
        scope.log_records.add(**item)
    return request.SerializeToString()


def metrics(*items):
    request = ExportMetricsServiceRequest()
    scope = request.resource_metrics.add().scope_metrics.add()
    for item in items:
        scope.metrics.add(**item)
    return request.SerializeToString()


def test_items_are_spans_points_and_records():
    assert items_of(Signal.TRACES, trace_request(7)) == 7
    assert items_of(Signal.METRICS, metric_request(7)) == 7
    assert items_of(Signal.LOGS, log_request(7)) == 7


def test_points_of_every_kind_are_counted():
    body = metrics(
        {"name": "a", "gauge": {"data_points": [{}, {}]}},
        {"name": "b", "sum": {"data_points": [{}]}},
        {"name": "c", "histogram": {"data_points": [{}]}},
        {"name": "d", "exponential_histogram": {"data_points": [{}]}},
        {"name": "e", "summary": {"data_points": [{}]}},
        {"name": "none"},
    )
    assert items_of(Signal.METRICS, body) == 6


def test_joined_bodies_are_one_request():
    assert items_of(Signal.TRACES, trace_request(2) + trace_request(3)) == 5


@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize("body", [b"", b"\x0a\x00", b"\x0a\x02\x12\x00"])
def test_empty_envelopes_hold_nothing(signal, body):
    assert items_of(signal, body) == 0


@pytest.mark.parametrize("signal", Signal)
def test_unknown_fields_are_ignored(signal):
    assert items_of(signal, b"\xf8\x3e\x01") == 0


@pytest.mark.parametrize(
    "body",
    [
        trace_request()[:-1],
        b"\xff" * 30,
        b"\x00",
        trace_request().replace(b"chat", b"\xc3\x28xx"),
    ],
)
def test_what_does_not_parse_is_malformed(body):
    with pytest.raises(MalformedError, match="ExportTraceServiceRequest"):
        items_of(Signal.TRACES, body)


WRONG = {
    "span": (Signal.TRACES, trace_request(1)),
    "span without times": (
        Signal.TRACES,
        spans({"trace_id": b"\xf1" * 16, "span_id": b"\xf2" * 8, "name": "x"}),
    ),
    "gauge": (Signal.METRICS, metric_request(1)),
    "sum": (
        Signal.METRICS,
        metrics({"name": "m", "sum": {"data_points": [{"as_int": 1}], "is_monotonic": True}}),
    ),
    "histogram": (
        Signal.METRICS,
        metrics({"name": "m", "histogram": {"data_points": [{"count": 1}]}}),
    ),
    "name and description as long as ids": (
        Signal.METRICS,
        metrics(
            {
                "name": "http.server.time",
                "description": "duration",
                "gauge": {"data_points": [{"as_int": 1}]},
            }
        ),
    ),
    "log": (Signal.LOGS, log_request(1)),
    "log with a body only": (Signal.LOGS, records({"body": {"string_value": "hello world"}})),
    "log with ids": (
        Signal.LOGS,
        records({"trace_id": b"\xf1" * 16, "span_id": b"\xf2" * 8, "observed_time_unix_nano": 5}),
    ),
}


@pytest.mark.parametrize("what", WRONG)
@pytest.mark.parametrize("path", Signal)
def test_the_right_path_is_named(what, path):
    held, body = WRONG[what]
    if path is held:
        assert items_of(path, body) == 1
        return
    with pytest.raises(WrongSignalError, match=f"POST it to /v1/{held} "):
        items_of(path, body)


@pytest.mark.parametrize(
    ("signal", "body"),
    [
        (Signal.TRACES, spans({"name": "no ids"})),
        (Signal.TRACES, spans({})),
        (Signal.TRACES, spans({"trace_id": b"short", "span_id": b"x", "name": "bad ids"})),
        (Signal.TRACES, spans({"trace_id": b"0123456789abcdef", "span_id": b"01234567"})),
        (Signal.LOGS, records({})),
        (Signal.LOGS, records({"event_name": "e"})),
        (Signal.LOGS, records({"severity_text": "INFO"})),
        (Signal.LOGS, records({"trace_id": b"\xf1" * 16, "span_id": b"\xf2" * 8})),
        (Signal.METRICS, metrics({})),
        (Signal.METRICS, metrics({"name": "http.server.time", "description": "duration"})),
    ],
)
def test_sparse_items_stay_on_their_path(signal, body):
    assert items_of(signal, body) == (0 if signal is Signal.METRICS else 1)
