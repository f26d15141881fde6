"""Connector calls: attributes, and the status each outcome gets."""

import asyncio
import urllib.error

import httpx
import pytest
from opentelemetry.trace import SpanKind, StatusCode

import answerable_instrument as answerable

STATUS = "answerable.connector.status"


def http_error(code):
    request = httpx.Request("GET", "http://example.test")
    return httpx.HTTPStatusError("no", request=request, response=httpx.Response(code))


def test_every_attribute(spans):
    with answerable.connector_call(
        "gradebook", "list", version="2.3", credential_id="cred-7", schema_hash="ab", synthetic=True
    ) as call:
        call.retry().retry(2)
    span = spans.named("gradebook list")
    assert span.kind is SpanKind.CLIENT
    assert dict(span.attributes) == {
        "answerable.connector.name": "gradebook",
        "answerable.connector.operation": "list",
        "answerable.connector.version": "2.3",
        "answerable.connector.credential_id": "cred-7",
        "answerable.connector.schema_hash": "ab",
        "answerable.connector.retry_count": 3,
        "answerable.connector.status": "ok",
        "answerable.synthetic": True,
    }


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (TimeoutError(), "timeout"),
        (httpx.ReadTimeout("slow"), "timeout"),
        (http_error(429), "rate_limited"),
        (http_error(401), "auth_failed"),
        (http_error(403), "auth_failed"),
        (http_error(504), "timeout"),
        (http_error(500), "error"),
        (urllib.error.HTTPError("http://x", 429, "busy", None, None), "rate_limited"),
        (ValueError("bad"), "error"),
        (asyncio.CancelledError(), "error"),
    ],
)
def test_status_from_exceptions(spans, error, status):
    with pytest.raises(type(error)) as caught, answerable.connector_call("lms", "read"):
        raise error
    assert caught.value is error
    span = spans.named("lms read")
    assert span.attributes[STATUS] == status
    failed = isinstance(error, Exception)
    assert (span.status.status_code is StatusCode.ERROR) is failed
    if isinstance(error, urllib.error.HTTPError):
        error.close()


@pytest.mark.parametrize(
    ("code", "status"),
    [(200, "ok"), (304, "ok"), (404, "error"), (429, "rate_limited"), (401, "auth_failed")],
)
def test_status_from_a_response_that_raises_nothing(spans, code, status):
    with answerable.connector_call("lms", "read") as call:
        call.http_status(code)
    assert spans.attributes("lms read")[STATUS] == status


def test_a_status_set_by_hand_stands(spans):
    def read(call):
        with call:
            call.status("schema_changed").status("nonsense").schema_hash("cd").version("3")
            raise ValueError("x")

    with pytest.raises(ValueError, match="x"):
        read(answerable.connector_call("lms", "read"))
    found = spans.attributes("lms read")
    assert found[STATUS] == "schema_changed"
    assert found["answerable.connector.schema_hash"] == "cd"
    assert found["answerable.connector.version"] == "3"
    assert found["answerable.instrument.warning"] == ("value_word: status",)


def test_the_decorator_and_the_place_inside_a_decision(spans):
    @answerable.connector_call("lms", "read")
    async def read():
        return 1

    with answerable.decision("grade"):
        assert asyncio.run(read()) == 1
    assert spans.named("lms read").parent.span_id == spans.named("grade").context.span_id
