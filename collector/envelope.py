"""What is around the telemetry: content types, and the response to an export."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import orjson
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsPartialSuccess,
    ExportLogsServiceResponse,
)
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsPartialSuccess,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceResponse,
)

from collector.errors import UnsupportedError
from collector.models import Signal
from collector.status import MESSAGE_CHARACTERS_MAX, Refusal, status_json, status_protobuf

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.models import Receipt


class Format(StrEnum):
    """The two encodings of OTLP, by their content type."""

    PROTOBUF = "application/x-protobuf"
    JSON = "application/json"


FORMATS: dict[str, Format] = {format_.value: format_ for format_ in Format}


def format_of(content_type: str) -> Format:
    """Read a `Content-Type` value; parameters such as charset are allowed.

    Raises
    ------
    UnsupportedError
        Neither protobuf nor JSON.
    """
    format_ = FORMATS.get(content_type) or FORMATS.get(
        content_type.partition(";")[0].strip().lower()
    )
    if format_ is None:
        raise UnsupportedError(
            f"Content-Type {content_type[:80]!r} is not supported; "
            "use application/x-protobuf or application/json.",
            field="Content-Type",
        )
    return format_


def answer_body(signal: Signal, format_: Format, outcome: Receipt | Refusal) -> bytes:
    """Encode the answer to an export the way the request was encoded."""
    if isinstance(outcome, Refusal):
        return status_json(outcome) if format_ is Format.JSON else status_protobuf(outcome)
    return (
        receipt_json(signal, outcome)
        if format_ is Format.JSON
        else receipt_protobuf(signal, outcome)
    )


def receipt_protobuf(signal: Signal, receipt: Receipt) -> bytes:
    """Encode `Export*ServiceResponse`: no bytes at all where every item was stored."""
    if not receipt.rejected and not receipt.message:
        return b""
    return RESPONSES[signal](receipt.rejected, receipt.message[:MESSAGE_CHARACTERS_MAX])


def receipt_json(signal: Signal, receipt: Receipt) -> bytes:
    """Encode `Export*ServiceResponse`: `{}` where every item was stored."""
    partial: dict[str, str] = {}
    if receipt.rejected:
        # 64-bit integers are decimal strings in protobuf's JSON.
        partial[REJECTED_KEYS[signal]] = str(receipt.rejected)
    if receipt.message:
        partial["errorMessage"] = receipt.message[:MESSAGE_CHARACTERS_MAX]
    return orjson.dumps({"partialSuccess": partial}) if partial else b"{}"


def _traces_response(rejected: int, message: str) -> bytes:
    partial = ExportTracePartialSuccess(rejected_spans=rejected, error_message=message)
    return ExportTraceServiceResponse(partial_success=partial).SerializeToString()


def _metrics_response(rejected: int, message: str) -> bytes:
    partial = ExportMetricsPartialSuccess(rejected_data_points=rejected, error_message=message)
    return ExportMetricsServiceResponse(partial_success=partial).SerializeToString()


def _logs_response(rejected: int, message: str) -> bytes:
    partial = ExportLogsPartialSuccess(rejected_log_records=rejected, error_message=message)
    return ExportLogsServiceResponse(partial_success=partial).SerializeToString()


RESPONSES: dict[Signal, Callable[[int, str], bytes]] = {
    Signal.TRACES: _traces_response,
    Signal.METRICS: _metrics_response,
    Signal.LOGS: _logs_response,
}

REJECTED_KEYS: dict[Signal, str] = {
    Signal.TRACES: "rejectedSpans",
    Signal.METRICS: "rejectedDataPoints",
    Signal.LOGS: "rejectedLogRecords",
}
