"""OTLP/JSON to OTLP protobuf bytes, by tables read off the protobuf descriptors.

Differs from protobuf's own JSON mapping where OTLP does: ids are hex, enums are integers,
keys are lowerCamelCase only, unknown keys are ignored.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import orjson

from collector.errors import MalformedError
from collector.json_scalars import BadValueError, scalar_encoder, varint
from collector.models import Signal
from collector.validation import SHAPES, wrong_signal

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.descriptor import Descriptor, FieldDescriptor

    Encoder = Callable[[Any, int], bytes]

DEPTH_MAX = 100
"""Message nesting; upb refuses deeper protobuf too."""

TOP_KEYS: dict[str, Signal] = {
    "resourceSpans": Signal.TRACES,
    "resourceMetrics": Signal.METRICS,
    "resourceLogs": Signal.LOGS,
}


def to_protobuf(signal: Signal, body: bytes) -> bytes:
    """Convert an `Export*ServiceRequest` from OTLP/JSON to protobuf.

    Raises
    ------
    MalformedError
        Not JSON, or a value of the wrong kind; `field` is the path to it.
    WrongSignalError
        The top-level key belongs to another signal.
    """
    try:
        request = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedError(f"The body is not valid JSON: {error}.") from error
    if not isinstance(request, dict):
        raise MalformedError("The body must be a JSON object, for example {}.")
    _check_signal(signal, request)
    try:
        return _message_encoder(SHAPES[signal].request.DESCRIPTOR)(request, 0)
    except BadValueError as error:
        path = error.path()
        raise MalformedError(f"{path}: {error.detail}.", field=path) from error


def _check_signal(signal: Signal, request: dict[str, Any]) -> None:
    held = [other for key, other in TOP_KEYS.items() if key in request]
    if held and signal not in held:
        raise wrong_signal(signal, held[0])


class MessageEncoder:
    """Encodes the JSON objects of one message type."""

    __slots__ = ("_descriptor", "_fields", "_oneofs")

    def __init__(self, descriptor: Descriptor) -> None:
        self._descriptor = descriptor
        self._fields: dict[str, Encoder] = {}
        self._oneofs: dict[str, str] = {}

    def __call__(self, message: Any, depth: int) -> bytes:
        """Give the message's fields as protobuf bytes, without its own tag and length."""
        if type(message) is not dict:
            raise BadValueError("must be an object")
        if depth > DEPTH_MAX:
            raise BadValueError("is nested too deep")
        fields = self._fields or self._fill()
        parts = []
        key = ""
        try:
            for key, value in message.items():
                encoder = fields.get(key)
                if encoder is not None and value is not None:
                    parts.append(encoder(value, depth))
        except BadValueError as error:
            error.inside(key)
            raise
        if self._oneofs and len(parts) > 1:
            _check_oneofs(self._oneofs, message)
        return b"".join(parts)

    def _fill(self) -> dict[str, Encoder]:
        # On first use, not in the constructor: AnyValue contains itself.
        for oneof in self._descriptor.oneofs:
            self._oneofs.update({field.json_name: oneof.name for field in oneof.fields})
        self._fields.update({f.json_name: _field_encoder(f) for f in self._descriptor.fields})
        return self._fields


@cache
def _message_encoder(descriptor: Descriptor) -> MessageEncoder:
    return MessageEncoder(descriptor)


def _check_oneofs(oneofs: dict[str, str], message: dict[str, Any]) -> None:
    seen: dict[str, str] = {}
    for key, value in message.items():
        oneof = oneofs.get(key)
        if oneof is None or value is None:
            continue
        if oneof in seen:
            raise BadValueError(f"holds both {seen[oneof]} and {key}, of which only one may be set")
        seen[oneof] = key


def _field_encoder(field: FieldDescriptor) -> Encoder:
    if field.message_type is not None:
        single = _framed(field.number, _message_encoder(field.message_type))
        return _repeated(single) if field.is_repeated else single
    tag, encode = scalar_encoder(field)
    if not field.is_repeated:
        return lambda value, _: tag + encode(value)
    packed_tag = varint(field.number << 3 | 2)
    each = _repeated(lambda value, _: encode(value))

    def packed(values: Any, depth: int) -> bytes:
        body = each(values, depth)
        # An empty packed field is legal, but ClickHouse cannot read one.
        return packed_tag + varint(len(body)) + body if body else b""

    return packed


def _framed(number: int, encode: Encoder) -> Encoder:
    tag = varint(number << 3 | 2)

    def framed(value: Any, depth: int) -> bytes:
        body = encode(value, depth + 1)
        return tag + varint(len(body)) + body

    return framed


def _repeated(single: Encoder) -> Encoder:
    def repeated(values: Any, depth: int) -> bytes:
        if type(values) is not list:
            raise BadValueError("must be an array")
        parts: list[bytes] = []
        try:
            for value in values:
                parts.append(single(value, depth))  # noqa: PERF401 - the length names the culprit
        except BadValueError as error:
            error.inside(len(parts))
            raise
        return b"".join(parts)

    return repeated
