"""OTLP over HTTP, by a real server on a real port."""

from __future__ import annotations

import socket
import time

import httpx
import pytest
from google.rpc.status_pb2 import Status

from collector.models import Receipt, Signal
from tests.collector.receivers.bodies import log_request, metric_request, trace_request
from tests.collector.receivers.kit import KEY, post, serve, until

PROTOBUF = "application/x-protobuf"
MIB = 1 << 20


def raw(running_http, head, *parts, pause_s=0.0):
    """Speak HTTP by hand and read until the server closes or answers in full."""
    with socket.create_connection(("127.0.0.1", running_http.port), timeout=20) as connection:
        connection.sendall(head)
        for part in parts:
            time.sleep(pause_s)
            connection.sendall(part)
        answer = b""
        while b"\r\n\r\n" not in answer:
            received = connection.recv(65536)
            if not received:
                break
            answer += received
        return answer


def head(*lines, key=KEY):
    return "\r\n".join(
        ["POST /v1/traces HTTP/1.1", "host: x", f"authorization: {key}", *lines, "", ""]
    ).encode()


def test_success_is_zero_bytes_in_protobuf_and_an_empty_object_in_json(running_http):
    answer = post(running_http, trace_request())
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == PROTOBUF
    answer = post(running_http, b'{"resourceSpans":[]}', content_type="application/json")
    assert (answer.status_code, answer.content) == (200, b"{}")
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/v1/traces", "rejectedSpans"),
        ("/v1/metrics", "rejectedDataPoints"),
        ("/v1/logs", "rejectedLogRecords"),
    ],
)
def test_partial_success_in_json(running_http, path, key):
    running_http.door.outcome = Receipt(rejected=4, message="no id")
    answer = post(running_http, b"{}", path, content_type="application/json; charset=utf-8")
    assert answer.json() == {"partialSuccess": {key: "4", "errorMessage": "no id"}}


def test_a_warning_without_rejections_is_passed_on(running_http):
    running_http.door.outcome = Receipt(message="clock is off")
    answer = post(running_http, b"{}", content_type="application/json")
    assert answer.json() == {"partialSuccess": {"errorMessage": "clock is off"}}


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods(running_http, method):
    answer = running_http.http.request(method, "/v1/logs")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert answer.json()["code"] == 12
    assert running_http.door.refusals == []


def test_missing_key_asks_for_a_bearer(running_http):
    answer = post(running_http, trace_request(), authorization=None)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert Status.FromString(answer.content).code == 16


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "application/xml", "application/grpc"]
)
def test_other_content_types(running_http, content_type):
    answer = post(running_http, trace_request(), content_type=content_type)
    assert answer.status_code == 415
    assert "application/x-protobuf" in answer.json()["message"]
    assert running_http.door.refusals[0][1:3] == ("school", "unsupported_media_type")


@pytest.mark.parametrize("encoding", ["br", "snappy", "gzip, gzip"])
def test_other_encodings(running_http, encoding):
    answer = post(running_http, trace_request(), content_encoding=encoding)
    assert answer.status_code == 415
    assert answer.headers["accept-encoding"] == "identity, gzip, deflate, zstd"


def test_a_declared_body_over_the_bound_is_refused_unread(running_http):
    answer = post(running_http, bytes(100 * MIB))
    assert answer.status_code == 413
    assert "2 MiB" in Status.FromString(answer.content).message
    assert running_http.door.refusals == [(Signal.TRACES, "school", "too_large", 0)]


def test_a_chunked_body_over_the_bound_is_refused_on_the_way(running_http):
    def chunks():
        for _ in range(100):
            yield bytes(MIB)

    answer = post(running_http, chunks())
    assert answer.status_code == 413
    assert answer.headers["connection"] == "close"
    ((_, _, reason, wire_bytes),) = running_http.door.refusals
    assert reason == "too_large"
    assert 2 * MIB < wire_bytes < 4 * MIB


def test_a_chunked_body_within_the_bound_is_taken(running_http):
    body = trace_request(500)

    def chunks():
        for start in range(0, len(body), 1000):
            yield body[start : start + 1000]

    assert post(running_http, chunks()).status_code == 200
    assert running_http.door.submissions[0].body == body


def test_a_sender_that_waits_for_continue_is_refused_without_a_body(running_http):
    answer = raw(
        running_http,
        head(f"content-type: {PROTOBUF}", f"content-length: {100 * MIB}", "expect: 100-continue"),
    )
    assert answer.startswith(b"HTTP/1.1 413")


def test_a_refused_connection_can_be_used_again(running_http):
    with httpx.Client(base_url=running_http.http.base_url) as client:
        for _ in range(3):
            answer = client.post("/v1/traces", content=bytes(MIB))
            assert answer.status_code == 401
            assert "connection" not in answer.headers


def test_a_disconnect_in_the_middle_gives_everything_back(running_http):
    with socket.create_connection(("127.0.0.1", running_http.port)) as connection:
        connection.sendall(head(f"content-type: {PROTOBUF}", "content-length: 900000") + b"\x0a")
        until(lambda: running_http.held_bytes() > 900_000)
    until(lambda: bool(running_http.door.refusals))
    assert running_http.door.refusals == [(Signal.TRACES, "school", "disconnected", 1)]
    assert running_http.held_bytes() == 0


def test_a_slow_body_times_out():
    with serve("otlp_http", body_timeout_s=0.3, refused_drain_s=0.1) as running_http:
        answer = raw(
            running_http,
            head(f"content-type: {PROTOBUF}", "content-length: 1000"),
            *[b"\x0a"] * 8,
            pause_s=0.05,
        )
        assert answer.startswith(b"HTTP/1.1 408")
        assert running_http.door.refusals[0][2] == "slow_body"
        until(lambda: running_http.held_bytes() == 0)


def test_overload_asks_for_a_later_retry(running_http):
    lease = running_http.receiver.context.admission.lease("school")
    lease.grow(8 * MIB - lease.held_bytes - 100)
    try:
        answer = post(running_http, trace_request(), content_type=PROTOBUF)
        in_json = post(running_http, b"{}", content_type="application/json")
    finally:
        lease.shrink(lease.held_bytes)
    assert answer.status_code == 503
    assert 1 <= int(answer.headers["retry-after"]) <= 30
    detail = in_json.json()["details"][0]
    assert detail["@type"] == "type.googleapis.com/google.rpc.RetryInfo"
    assert detail["retryDelay"] == in_json.headers["retry-after"] + "s"


def test_long_answers_are_compressed_for_those_who_ask(running_http):
    running_http.door.outcome = Receipt(rejected=1, message="m" * 10_000)
    asked = post(running_http, metric_request(), "/v1/metrics", accept_encoding="gzip;q=0.5")
    assert asked.headers["content-encoding"] == "gzip"
    assert int(asked.headers["content-length"]) < 200
    assert asked.content.count(b"m") == 4096
    declined = post(running_http, metric_request(), "/v1/metrics", accept_encoding="gzip;q=0")
    assert "content-encoding" not in declined.headers
    assert declined.content == asked.content


def test_no_sender_waits_for_another(running_http):
    with socket.create_connection(("127.0.0.1", running_http.port)) as slow:
        slow.sendall(head(f"content-type: {PROTOBUF}", "content-length: 1000"))
        until(lambda: running_http.receiver.calls == 1)
        assert post(running_http, log_request(), "/v1/logs").status_code == 200
