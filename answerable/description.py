"""The OpenAPI document: what FastAPI derives, plus the exports and the one error body."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from answerable.problems import MEDIA_TYPE
from collector.models import Signal

DESCRIPTION = (
    "Services send OpenTelemetry; people read what became of it. Every error is an RFC 9457 "
    "problem body. Times are RFC 3339 with nanoseconds, UTC; durations are integers of "
    "nanoseconds. Lists are paged by an opaque cursor."
)

PROBLEM_SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "RFC 9457 problem body.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong and what to do about it."},
        "instance": {"type": "string"},
        "request_id": {"type": "string"},
        "field": {"type": "string", "description": "The parameter or body field at fault."},
    },
    "examples": [
        {
            "type": "about:blank",
            "title": "Forbidden",
            "status": 403,
            "detail": "This needs the role admin; the key 3f9c0b12a4de holds: viewer.",
            "instance": "/v1/keys",
            "request_id": "5b0d2f6cf0a94d6c8a1e3c5d7f9b2a40",
        }
    ],
}

#: Status -> when it is answered; on every route behind a key.
_GUARDED = {
    "400": "A parameter or the body is wrong.",
    "401": "No key, or one that is not valid.",
    "403": "The key lacks the role or the tenant.",
    "503": "The store cannot answer now.",
}

_EXPORT_ANSWERS = {
    "200": "Stored; `partialSuccess` says which items were refused, and why.",
    "400": "The body cannot be decoded, or belongs to another path. Do not send it again.",
    "401": "No key, or one that is not valid.",
    "403": "The key lacks the role ingest.",
    "413": "Too large, as sent or after inflating.",
    "415": "A content type or encoding not spoken here.",
    "503": "Overloaded or stopping; send it again after `Retry-After` seconds.",
}


class DescribedApi(FastAPI):
    """FastAPI with the document completed."""

    def openapi(self) -> dict[str, Any]:
        """Build the document once."""
        if self.openapi_schema is None:
            document = super().openapi()
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            schemas["Problem"] = PROBLEM_SCHEMA
            for path in document["paths"].values():
                for operation in path.values():
                    _complete(operation)
            for signal in Signal:
                document["paths"].setdefault(f"/v1/{signal}", {})["post"] = _export(signal)
            self.openapi_schema = document
        return self.openapi_schema


def _complete(operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    answers.pop("422", None)
    guarded = _GUARDED if operation.get("security") else {}
    for status, when in guarded.items():
        answers.setdefault(status, _problem(when))
    if any(p.get("in") == "path" for p in operation.get("parameters", [])):
        answers.setdefault("404", _problem("There is nothing by that name that the key may see."))


def _problem(when: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": when, "content": {MEDIA_TYPE: {"schema": schema}}}


def _export(signal: Signal) -> dict[str, Any]:
    empty = {"traces": "resourceSpans", "metrics": "resourceMetrics", "logs": "resourceLogs"}
    body = {
        "application/x-protobuf": {"schema": {"type": "string", "format": "binary"}},
        "application/json": {"schema": {"type": "object"}, "example": {empty[signal]: []}},
    }
    return {
        "tags": ["export"],
        "summary": f"Send {signal} (OTLP/HTTP)",
        "operationId": f"export_{signal}",
        "description": "An OTLP export request, protobuf or JSON; identity, gzip, deflate or zstd. "
        "Answered once it is stored. Errors are `google.rpc.Status`, as OTLP has them.",
        "security": [{"API key": []}],
        "requestBody": {"required": True, "content": body},
        "responses": {status: {"description": when} for status, when in _EXPORT_ANSWERS.items()},
    }
