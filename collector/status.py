"""Errors as `google.rpc.Status`, the one error body that OTLP knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import (  # type: ignore[import-untyped]
    BadRequest,
    RetryInfo,
)
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]

from collector.errors import IngestError
from sql.errors import (
    DataError,
    ForbiddenError,
    PermanentStoreError,
    RetryableStoreError,
    UnauthenticatedError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sql.errors import AnswerableError

MESSAGE_CHARACTERS_MAX = 4096
"""An OTLP response should stay far below 4 MiB; the message is what could grow."""

RPC_CODES: dict[int, int] = {
    400: 3,  # INVALID_ARGUMENT
    401: 16,  # UNAUTHENTICATED
    403: 7,  # PERMISSION_DENIED
    404: 5,  # NOT_FOUND
    405: 12,  # UNIMPLEMENTED
    408: 4,  # DEADLINE_EXCEEDED
    413: 8,  # RESOURCE_EXHAUSTED
    415: 3,  # INVALID_ARGUMENT
    499: 1,  # CANCELLED
    503: 14,  # UNAVAILABLE
}
"""HTTP status to `google.rpc.Code`; what is not listed is INTERNAL."""

INTERNAL = 13

REASONS: dict[type[AnswerableError], str] = {
    UnauthenticatedError: "unauthenticated",
    ForbiddenError: "forbidden",
}

STORE_MESSAGES: dict[type[AnswerableError], str] = {
    RetryableStoreError: "The store cannot take data now; send the same request again later.",
    PermanentStoreError: "The store cannot take this request; the operator has to look into it.",
}
"""What a sender is told instead of the engine's own words, which are for the operator."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error as both protocols answer it.

    Parameters
    ----------
    status
        HTTP status.
    code
        `google.rpc.Code`.
    reason
        Bounded label for the ledger; empty for what it does not count.
    field
        Path to the value at fault, where there is one.
    retry_after_s
        Seconds the sender should wait; None where a retry cannot help.
    """

    status: int
    code: int
    message: str
    reason: str
    field: str = ""
    retry_after_s: int | None = None


def refusal_of(error: AnswerableError, retry_after_s: Callable[[], int]) -> Refusal:
    """Put an expected error into the terms of OTLP.

    Parameters
    ----------
    retry_after_s
        Draws the delay for a retryable error that does not bring its own.
    """
    delay = getattr(error, "retry_after_s", None)
    if delay is None and error.status == 503:
        delay = retry_after_s()
    return Refusal(
        status=error.status,
        code=RPC_CODES.get(error.status, INTERNAL),
        message=_message(error),
        reason=error.reason if isinstance(error, IngestError) else _reason(error),
        field=error.field or "",
        retry_after_s=delay,
    )


def internal_refusal() -> Refusal:
    """Answer an error nobody foresaw, without its details."""
    return Refusal(500, INTERNAL, "Internal error; the operator's log has the details.", "internal")


def status_protobuf(refusal: Refusal) -> bytes:
    """Encode a refusal as protobuf."""
    status = Status(code=refusal.code, message=refusal.message)
    if refusal.status == 400:
        violation = BadRequest.FieldViolation(field=_field(refusal), description=refusal.message)
        status.details.append(_packed(BadRequest(field_violations=[violation])))
    if refusal.retry_after_s is not None:
        delay = Duration(seconds=refusal.retry_after_s)
        status.details.append(_packed(RetryInfo(retry_delay=delay)))
    encoded: bytes = status.SerializeToString()
    return encoded


def status_json(refusal: Refusal) -> bytes:
    """Encode a refusal as protobuf's JSON mapping has it."""
    details: list[dict[str, object]] = []
    if refusal.status == 400:
        violation = {"field": _field(refusal), "description": refusal.message}
        details.append({"@type": _type_url(BadRequest), "fieldViolations": [violation]})
    if refusal.retry_after_s is not None:
        details.append({"@type": _type_url(RetryInfo), "retryDelay": f"{refusal.retry_after_s}s"})
    body: dict[str, object] = {"code": refusal.code, "message": refusal.message}
    if details:
        body["details"] = details
    return orjson.dumps(body)


def _message(error: AnswerableError) -> str:
    return STORE_MESSAGES.get(type(error), error.detail)[:MESSAGE_CHARACTERS_MAX]


def _reason(error: AnswerableError) -> str:
    if isinstance(error, DataError):
        return "malformed"
    return REASONS.get(type(error), "error")


def _field(refusal: Refusal) -> str:
    return refusal.field or "body"


def _packed(message: BadRequest | RetryInfo) -> AnyMessage:
    packed = AnyMessage()
    packed.Pack(message)
    return packed


def _type_url(message: type[BadRequest | RetryInfo]) -> str:
    return f"type.googleapis.com/{message.DESCRIPTOR.full_name}"
