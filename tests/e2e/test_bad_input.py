"""Requests that must be refused: each with its status and reason, none harming its neighbours."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import grpc
import pytest

from tests.e2e import bad_bodies as bodies
from tests.e2e.bad_bodies import JSON, MIB, PROTOBUF, SIGNALS

#: The service may hold one request of the largest size, 64 MiB, while it reads it.
PEAK_GROWTH_MIB = 100
#: What all of these tests together may leave behind; the engine's own caches are most of it.
LASTING_GROWTH_MIB = 192

CODES = {
    400: grpc.StatusCode.INVALID_ARGUMENT,
    401: grpc.StatusCode.UNAUTHENTICATED,
    403: grpc.StatusCode.PERMISSION_DENIED,
    413: grpc.StatusCode.RESOURCE_EXHAUSTED,
}


class Keys(NamedTuple):
    """The keys these tests send with."""

    sender: str
    neighbour: str
    viewer: str
    revoked: str
    several: str


@pytest.fixture(scope="module")
def keys(service: Any) -> Keys:
    """Keys of tenants of this module's own."""
    revoked = service.make_key("revoked", ["ingest"], ["bad"])
    with service.client() as client:
        assert client.delete(f"/v1/keys/{revoked.split('_')[1]}").status_code == 200
    return Keys(
        service.make_key("bad", ["ingest"], ["bad"]),
        service.make_key("good", ["ingest"], ["good"]),
        service.make_key("viewer", ["viewer"], ["bad"]),
        revoked,
        service.make_key("several", ["ingest"], ["bad-1", "bad-2"]),
    )


def memory_mib(service: Any, field: str) -> float:
    """VmRSS or VmHWM of the service, in MiB."""
    path = Path(f"/proc/{service.process.pid}/status")
    if not path.exists():
        pytest.skip("memory is read from /proc")
    lines = path.read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{field}:"))


@pytest.fixture(scope="module")
def memory_before(service: Any, keys: Keys) -> float:
    """Memory of the service before anything bad came in, and after the price list has."""
    service.wait_for(lambda: service.get("/v1/costs/restatements")["items"])
    assert bodies.post(service, keys.neighbour, "traces", bodies.good("traces")).is_success
    return memory_mib(service, "VmRSS")


@pytest.fixture(autouse=True)
def _measured(memory_before: float) -> None:
    """Make sure that memory was measured before the first test."""


def truncated(signal: str) -> bytes:
    return bodies.good(signal)[:-3]


def bad_text() -> bytes:
    body = bodies.traces(bodies.new_span("plain-name"))
    return body.replace(b"plain-name", b"plain-\xff\xfe\xfd\xfc")


MALFORMED = {
    "truncated traces": ("traces", lambda: truncated("traces")),
    "truncated metrics": ("metrics", lambda: truncated("metrics")),
    "truncated logs": ("logs", lambda: truncated("logs")),
    "text that is not UTF-8": ("traces", bad_text),
    "text": ("logs", lambda: b"hello, is this OTLP?"),
    "JSON as protobuf": ("traces", bodies.json_span),
    "length beyond the end": ("traces", lambda: b"\x0a\xff\xff\xff\xff\x07"),
    "endless varint": ("metrics", lambda: b"\x08" + b"\xff" * 64),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_body_is_400(service: Any, keys: Keys, case: str) -> None:
    signal, make = MALFORMED[case]
    answer = bodies.together(
        service, keys.neighbour, lambda: bodies.post(service, keys.sender, signal, make())
    )
    refused = bodies.refusal(answer)
    assert refused.status == 400
    assert "not a valid Export" in refused.message
    assert refused.field == "body"
    over_grpc = bodies.call(service, keys.sender, signal, make())
    assert over_grpc == (CODES[400].value[0], refused.message, "body")


@pytest.mark.parametrize("signal", SIGNALS)
def test_random_bytes_are_400(service: Any, keys: Keys, signal: str) -> None:
    rng = random.Random(f"answerable {signal}")

    def send() -> list[int]:
        sizes = [1, 7, 64, 1000, 100_000]
        # A length of 0 to 4 bytes may by chance be an empty or unknown field, which is legal.
        noise = [b"\x0a" + rng.randbytes(size) + b"\xff" for size in sizes]
        return [bodies.post(service, keys.sender, signal, body).status_code for body in noise]

    assert bodies.together(service, keys.neighbour, send) == [400] * 5
    answer = bodies.call(service, keys.sender, signal, b"\x0a" + rng.randbytes(200) + b"\xff")
    assert isinstance(answer, bodies.Refused)
    assert answer.status == CODES[400].value[0]


BAD_JSON = {
    "nothing": (b"", "not valid JSON", "body"),
    "cut short": (b'{"resourceSpans": [', "not valid JSON", "body"),
    "not UTF-8": (b'{"resourceSpans": ["\xff"]}', "not valid JSON", "body"),
    "an array": (b"[]", "must be a JSON object", "body"),
    "a text for a list": (b'{"resourceSpans": "x"}', "must be an array", "resourceSpans"),
    "an id that is not hex": (bodies.json_span(traceId="xyz"), "hex", "traceId"),
    "an enum by name": (bodies.json_span(kind="SPAN_KIND_SERVER"), "integer", "kind"),
    "an integer too large": (bodies.json_span(startTimeUnixNano=str(2**64)), "between", "Nano"),
    "a number for a name": (bodies.json_span(name=5), "must be a string", "name"),
    "nested too deep": (bodies.json_span(attributes=[bodies.nested(60)]), "too deep", "attributes"),
    "brackets without end": (b"[" * 100_000, "not valid JSON", "body"),
    "a value of two types": (
        bodies.json_span(attributes=[{"key": "k", "value": {"intValue": 1, "boolValue": True}}]),
        "only one may be set",
        "attributes[0].value",
    ),
}


@pytest.mark.parametrize("case", BAD_JSON)
def test_bad_json_is_400_and_names_the_place(service: Any, keys: Keys, case: str) -> None:
    body, message, field = BAD_JSON[case]
    answer = bodies.together(
        service, keys.neighbour, lambda: bodies.post(service, keys.sender, "traces", body, JSON)
    )
    refused = bodies.refusal(answer)
    assert refused.status == 400
    assert message in refused.message
    assert field in refused.field


@pytest.mark.parametrize("content_type", [PROTOBUF, JSON])
@pytest.mark.parametrize(("path", "sent"), [*itertools.permutations(SIGNALS, 2)])
def test_a_wrong_path_is_named(
    service: Any, keys: Keys, path: str, sent: str, content_type: str
) -> None:
    resource = {"traces": "resourceSpans", "metrics": "resourceMetrics", "logs": "resourceLogs"}
    as_json = json.dumps({resource[sent]: [{"scopeX": []}]}).encode()
    body = bodies.good(sent) if content_type == PROTOBUF else as_json
    refused = bodies.refusal(bodies.post(service, keys.sender, path, body, content_type))
    assert refused.status == 400
    assert f"holds {sent}, not {path}" in refused.message
    assert f"/v1/{sent}" in refused.message
    if content_type == PROTOBUF:
        over_grpc = bodies.call(service, keys.sender, path, body)
        assert over_grpc == (CODES[400].value[0], refused.message, "body")


@pytest.mark.parametrize("signal", SIGNALS)
def test_an_empty_request_succeeds(service: Any, keys: Keys, signal: str) -> None:
    empty = bodies.post(service, keys.sender, signal, b"")
    assert (empty.status_code, empty.content) == (200, b"")
    as_json = bodies.post(service, keys.sender, signal, b"{}", JSON)
    assert (as_json.status_code, as_json.content) == (200, b"{}")
    assert bodies.call(service, keys.sender, signal, b"") == b""


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/xml", "multipart/x"])
def test_other_content_types_are_415(service: Any, keys: Keys, content_type: str) -> None:
    answer = bodies.post(service, keys.sender, "traces", bodies.good("traces"), content_type)
    refused = bodies.refusal(answer)
    assert refused.status == 415
    assert "application/x-protobuf or application/json" in refused.message


def test_bad_encodings_are_refused(service: Any, keys: Keys) -> None:
    body = bodies.good("traces")
    unknown = bodies.post(service, keys.sender, "traces", body, Content_Encoding="br")
    assert bodies.refusal(unknown).status == 415
    assert "gzip" in unknown.headers["accept-encoding"]
    for encoding in ("gzip", "deflate", "zstd"):
        answer = bodies.post(service, keys.sender, "traces", body, Content_Encoding=encoding)
        refused = bodies.refusal(answer)
        assert refused.status == 400
        assert f"The {encoding} body is" in refused.message


def stream(mebibytes: int) -> Iterator[bytes]:
    """Send the same MiB again and again, so that this process holds one."""
    piece = bytes(MIB)
    for _ in range(mebibytes):
        yield piece


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
def test_a_body_of_100_mib_is_413(service: Any, keys: Keys, declared: bool) -> None:
    headers = {"Content_Length": str(100 * MIB)} if declared else {}
    before = memory_mib(service, "VmRSS")
    # Linux: writing 5 sets the peak back to what is held now.
    Path(f"/proc/{service.process.pid}/clear_refs").write_text("5", encoding="ascii")
    answer = bodies.together(
        service,
        keys.neighbour,
        lambda: bodies.post(service, keys.sender, "traces", stream(100), **headers),
    )
    refused = bodies.refusal(answer)
    assert refused.status == 413
    assert "over 64 MiB" in refused.message
    assert memory_mib(service, "VmHWM") - before < PEAK_GROWTH_MIB


def test_a_large_message_over_grpc_is_refused(service: Any, keys: Keys) -> None:
    body = bytes(65 * MIB)
    refused = bodies.together(
        service, keys.neighbour, lambda: bodies.call(service, keys.sender, "traces", body)
    )
    assert isinstance(refused, bodies.Refused)
    assert refused.status == CODES[413].value[0]


@pytest.mark.parametrize(("encoding", "wbits"), [("gzip", 31), ("deflate", 15)])
def test_a_bomb_is_413_before_it_unfolds(
    service: Any, keys: Keys, encoding: str, wbits: int
) -> None:
    body = bodies.bomb(wbits)
    assert len(body) < MIB
    before = memory_mib(service, "VmRSS")
    Path(f"/proc/{service.process.pid}/clear_refs").write_text("5", encoding="ascii")
    answer = bodies.together(
        service,
        keys.neighbour,
        lambda: bodies.post(service, keys.sender, "traces", body, Content_Encoding=encoding),
    )
    refused = bodies.refusal(answer)
    assert refused.status == 413
    assert "after inflating" in refused.message
    over_grpc = bodies.call(service, keys.sender, "traces", body)
    assert isinstance(over_grpc, bodies.Refused)
    assert over_grpc.status == CODES[413].value[0]
    assert memory_mib(service, "VmHWM") - before < PEAK_GROWTH_MIB


@pytest.mark.parametrize("content_type", [PROTOBUF, JSON])
@pytest.mark.parametrize(
    ("holder", "status", "message"),
    [
        (None, 401, "needs an API key"),
        ("ak_wrong", 401, "not known here"),
        ("ak_000000000000_" + "0" * 64, 401, "not known here"),
        ("revoked", 401, "was revoked"),
        ("viewer", 403, "role ingest"),
    ],
)
def test_a_key_without_the_right_is_refused(
    service: Any, keys: Keys, holder: str | None, status: int, message: str, content_type: str
) -> None:
    key = getattr(keys, holder, holder) if holder else None
    body = bodies.good("traces") if content_type == PROTOBUF else bodies.json_span()
    answer = bodies.together(
        service,
        keys.neighbour,
        lambda: bodies.post(service, key, "traces", body, content_type),
    )
    refused = bodies.refusal(answer)
    assert refused.status == status
    assert message in refused.message
    assert (answer.headers.get("www-authenticate") == "Bearer") == (status == 401)
    over_grpc = bodies.call(service, key, "traces", bodies.good("traces"))
    assert over_grpc == (CODES[status].value[0], refused.message, "")


def test_a_key_that_sends_may_not_read(service: Any, keys: Keys) -> None:
    with service.client(keys.sender) as client:
        for path in ("traces", "decisions", "usage", "services", "ledger", "overview", "keys"):
            answer = client.get(f"/v1/{path}")
            assert answer.status_code == 403, path
            assert answer.headers["content-type"] == "application/problem+json"
            assert "role" in answer.json()["detail"]


def test_a_tenant_outside_the_list_is_refused_item_by_item(service: Any, keys: Keys) -> None:
    spans = [bodies.new_span(tenant) for tenant in ("bad-1", "elsewhere", "")]
    for span in spans:
        if span.name:
            span.attributes.add(key="tenant.id").value.string_value = span.name
    answer = bodies.together(
        service,
        keys.neighbour,
        lambda: bodies.post(service, keys.several, "traces", bodies.traces(*spans)),
    )
    assert answer.status_code == 200
    assert b"tenant_not_allowed" in answer.content
    assert b"tenant_missing" in answer.content
    ledger = service.get("/v1/ledger", limit="200")
    key_id = keys.several.split("_")[1]
    rows = {
        (row["tenant"], row["state"], row["reason"]): row["items"]
        for row in ledger["recent"]
        if row["key_id"] == key_id
    }
    assert rows == {
        ("bad-1", "stored", ""): 1,
        ("", "rejected", "tenant_not_allowed"): 1,
        ("", "rejected", "tenant_missing"): 1,
    }
    with service.client() as client:
        assert client.get(f"/v1/traces/{spans[1].trace_id.hex()}").status_code == 404


def test_every_refusal_is_counted(service: Any) -> None:
    key = service.make_key("counted", ["ingest"], ["counted"])
    assert bodies.post(service, key, "traces", truncated("traces")).status_code == 400
    assert bodies.post(service, key, "traces", bodies.good("logs")).status_code == 400
    assert bodies.post(service, key, "traces", b"x", "text/plain").status_code == 415
    assert bodies.post(service, key, "traces", bodies.good("traces")).status_code == 200

    def requests() -> dict[str, int]:
        rows = service.get("/v1/ledger", tenant="counted")["rows"]
        return {f"{row['state']} {row['reason']}".strip(): row["requests"] for row in rows}

    expected = {
        "received": 4,
        "stored": 1,
        "rejected malformed": 1,
        "rejected wrong_signal": 1,
        "rejected unsupported_media_type": 1,
    }
    service.wait_for(lambda: requests() == expected)


def test_at_the_end_the_ledger_balances_and_memory_is_bounded(
    service: Any, memory_before: float
) -> None:
    # Refusals are written a moment after they are answered.
    service.wait_for(lambda: service.get("/v1/ledger")["balanced"])
    assert memory_mib(service, "VmRSS") - memory_before < LASTING_GROWTH_MIB
