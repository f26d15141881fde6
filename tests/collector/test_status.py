from __future__ import annotations

import pytest
from google.protobuf import json_format
from google.rpc.status_pb2 import Status

from collector.errors import (
    MalformedError,
    OverloadedError,
    TooLargeError,
    UnsupportedError,
)
from collector.status import (
    MESSAGE_CHARACTERS_MAX,
    internal_refusal,
    refusal_of,
    status_json,
    status_protobuf,
)
from sql.errors import (
    DataError,
    ForbiddenError,
    PermanentStoreError,
    RetryableStoreError,
    UnauthenticatedError,
)

ERRORS = [
    (MalformedError("m", field="a.b"), 400, 3, "malformed"),
    (DataError("d"), 400, 3, "malformed"),
    (UnauthenticatedError("u"), 401, 16, "unauthenticated"),
    (ForbiddenError("f"), 403, 7, "forbidden"),
    (TooLargeError("t"), 413, 8, "too_large"),
    (UnsupportedError("u"), 415, 3, "unsupported_media_type"),
    (PermanentStoreError("p"), 500, 13, "error"),
    (OverloadedError("o", retry_after_s=4), 503, 14, "overloaded"),
    (RetryableStoreError("r"), 503, 14, "error"),
]


@pytest.mark.parametrize(("error", "status", "code", "reason"), ERRORS)
def test_every_error_has_its_status_code_and_reason(error, status, code, reason):
    refusal = refusal_of(error, lambda: 11)
    assert (refusal.status, refusal.code, refusal.reason) == (status, code, reason)
    # OTLP senders retry 429, 502, 503 and 504; only these may carry a delay.
    assert (refusal.retry_after_s is not None) == (status == 503)


@pytest.mark.parametrize("error", [row[0] for row in ERRORS])
def test_json_and_protobuf_say_the_same(error):
    refusal = refusal_of(error, lambda: 11)
    decoded = Status.FromString(status_protobuf(refusal))
    assert json_format.Parse(status_json(refusal), Status()) == decoded
    assert decoded.message


def test_a_delay_is_drawn_only_where_the_error_brings_none():
    assert refusal_of(OverloadedError("o", retry_after_s=4), lambda: 11).retry_after_s == 4
    assert refusal_of(RetryableStoreError("r"), lambda: 11).retry_after_s == 11


def test_long_messages_are_cut():
    refusal = refusal_of(MalformedError("x" * 100_000), lambda: 1)
    assert len(refusal.message) == MESSAGE_CHARACTERS_MAX


def test_an_unforeseen_error_tells_nothing():
    assert internal_refusal().code == 13
