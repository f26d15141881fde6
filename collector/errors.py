"""What a receiver may answer instead of success.

IngestError(AnswerableError)
├── MalformedError        400  cannot be decoded; the sender must not retry
├── WrongSignalError      400  decodes, but belongs to another path
├── UnsupportedError      415  content type or encoding we do not speak
├── TooLargeError         413  over the size bound, before or after inflating
├── OverloadedError       503  come back after `retry_after_s`
└── ShuttingDownError     503  draining; another instance or a later retry will do
"""

from __future__ import annotations

from typing import ClassVar

from sql.errors import AnswerableError


class IngestError(AnswerableError):
    """Base of the refusals; `reason` is the bounded label the ledger counts it under."""

    reason: ClassVar[str] = "error"
    retry_after_s: int | None = None


class MalformedError(IngestError):
    """The body cannot be decoded."""

    status = 400
    title = "Malformed body"
    reason = "malformed"


class WrongSignalError(IngestError):
    """The body is valid telemetry of another signal."""

    status = 400
    title = "Wrong signal"
    reason = "wrong_signal"


class UnsupportedError(IngestError):
    """A content type or content encoding that is not spoken here."""

    status = 415
    title = "Unsupported media type"
    reason = "unsupported_media_type"


class TooLargeError(IngestError):
    """Over the size bound, as sent or after inflating."""

    status = 413
    title = "Too large"
    reason = "too_large"


class OverloadedError(IngestError):
    """Refused for now; the sender should retry after `retry_after_s` seconds."""

    status = 503
    title = "Overloaded"
    reason = "overloaded"

    def __init__(self, detail: str, *, retry_after_s: int) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class ShuttingDownError(OverloadedError):
    """The service is draining and takes no new work."""

    title = "Shutting down"
    reason = "shutting_down"
