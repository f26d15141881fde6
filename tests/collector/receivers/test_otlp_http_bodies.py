"""Bodies over OTLP/HTTP: compressed, JSON, large, and wrong."""

from __future__ import annotations

import gzip
import json
import resource
import zlib

import pytest
import zstandard
from google.rpc.status_pb2 import Status

from collector.json_scalars import varint
from tests.collector.receivers.bodies import trace_request
from tests.collector.receivers.kit import post, serve

MIB = 1 << 20


def raw_deflate(body):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("identity", bytes),
        ("gzip", gzip.compress),
        ("GZIP", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", raw_deflate),
        ("zstd", zstandard.compress),
    ],
)
@pytest.mark.parametrize("spans", [1, 4000])
def test_encodings(running_http, encoding, pack, spans):
    body = trace_request(spans)
    wire = pack(body)
    assert post(running_http, wire, content_encoding=encoding).status_code == 200
    (submission,) = running_http.door.submissions
    assert submission.body == body
    assert (submission.items, submission.wire_bytes) == (spans, len(wire))


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, raw_deflate, zstandard.compress])
def test_a_bomb_is_refused_before_it_is_held(running_http, pack):
    encoding = {gzip.compress: "gzip", zstandard.compress: "zstd"}.get(pack, "deflate")
    wire = pack(bytes(300 * MIB))
    assert len(wire) < MIB
    answer = post(running_http, wire, content_encoding=encoding)
    assert answer.status_code == 413
    assert Status.FromString(answer.content).code == 8
    assert running_http.door.refusals[0][2:] == ("too_large", len(wire))


@pytest.mark.parametrize("body", [b"", b"\xff" * 40, b"\x0a\x05ab", b"\x08" * 3])
@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
def test_what_is_not_compressed_is_malformed(running_http, encoding, body):
    answer = post(running_http, body, content_encoding=encoding)
    # No bytes are no telemetry, whatever the encoding is said to be.
    assert answer.status_code == (400 if body else 200)


def test_bad_data_in_json_names_the_path(running_http):
    body = {"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "xyz"}]}]}]}
    answer = post(running_http, json.dumps(body), content_type="application/json")
    assert answer.status_code == 400
    (detail,) = answer.json()["details"]
    (violation,) = detail["fieldViolations"]
    assert violation["field"] == "resourceSpans[0].scopeSpans[0].spans[0].traceId"
    assert "hex" in violation["description"]


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"{", b'{"resourceSpans":{}}', b"\xff\xfe", b"[" * 100_000, b"1e999"],
)
def test_bad_json(running_http, body):
    answer = post(running_http, body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["code"] == 3


@pytest.mark.parametrize(("path", "key"), [("traces", "resourceLogs"), ("logs", "resourceMetrics")])
def test_wrong_signal_in_json(running_http, path, key):
    answer = post(
        running_http, json.dumps({key: []}), f"/v1/{path}", content_type="application/json"
    )
    assert answer.status_code == 400
    assert f"/v1/{key[8:].lower()}" in answer.json()["message"]


def test_bad_utf8_and_random_bytes(running_http):
    body = trace_request(1).replace(b"chat", b"\xff\xfe\xfd\xfc")
    for bad in (body, trace_request()[:-3], bytes(range(256))):
        answer = post(running_http, bad)
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/x-protobuf"
    assert {refusal[2] for refusal in running_http.door.refusals} == {"malformed"}


def test_many_attributes_and_a_long_value_are_taken(running_http):
    assert post(running_http, trace_request(1, attributes=10_000)).status_code == 200
    assert post(running_http, trace_request(1, 1, value="x" * MIB)).status_code == 200
    assert len(running_http.door.submissions) == 2


def test_a_flood_of_empty_spans_is_refused_without_taking_the_machine():
    # 64 MiB of two-byte spans, 64 KiB as sent, would take some 10 GB parsed at one time.
    spans = b"\x12\x00" * (31 << 20)
    scope = b"\x12" + varint(len(spans)) + spans
    wire = zstandard.compress(b"\x0a" + varint(len(scope)) + scope)
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with serve("otlp_http") as served:
        answer = post(served, wire, content_encoding="zstd")
    assert answer.status_code == 413
    assert "items" in Status.FromString(answer.content).message
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib < 700 * 1024


def test_a_large_body_is_counted_in_slices(running_http):
    body = trace_request(20_000)
    assert MIB < len(body) < 2 * MIB
    assert post(running_http, body).status_code == 200
    assert running_http.door.submissions[0].items == 20_000


def test_large_json_is_taken(running_http):
    spans = [{"traceId": "ab" * 16, "spanId": "cd" * 8, "name": "n" * 200}] * 3000
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]})
    assert len(body) > MIB // 2
    assert post(running_http, body, content_type="application/json").status_code == 200
    assert running_http.door.submissions[0].items == 3000
