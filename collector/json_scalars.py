"""Scalar values of OTLP/JSON as protobuf wire bytes."""

from __future__ import annotations

import binascii
import math
import struct
from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor import FieldDescriptor

if TYPE_CHECKING:
    from collections.abc import Callable

    ScalarEncoder = Callable[[Any], bytes]

HEX_FIELDS = frozenset({"trace_id", "span_id", "parent_span_id"})
"""Bytes fields that OTLP/JSON writes as hex; every other one is base64."""

SPECIAL_DOUBLES = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}

INTEGER_TEXT_MAX = 20
"""Characters of the longest 64-bit decimal, sign included."""

DOUBLE_TEXT_MAX = 400
"""Characters of a decimal double; the longest exact one below 1 is cut, not needed."""

URL_SAFE = str.maketrans("-_", "+/")

_SMALL_VARINTS = [bytes([number]) for number in range(128)]


class BadValueError(Exception):
    """A value of the wrong kind; the path to it is gathered on the way out."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail
        self._steps: list[str | int] = []

    def inside(self, step: str | int) -> None:
        """Note the key or index that leads to the value."""
        self._steps.append(step)

    def path(self) -> str:
        """Path from the top, like `resourceSpans[0].scopeSpans[2].spans`."""
        text = ""
        for step in reversed(self._steps):
            text += f"[{step}]" if isinstance(step, int) else f".{step}"
        return text.lstrip(".") or "body"


def varint(number: int) -> bytes:
    """Encode a non-negative integer as a base-128 varint."""
    if number < 128:
        return _SMALL_VARINTS[number]
    out = bytearray()
    while number > 127:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def scalar_encoder(field: FieldDescriptor) -> tuple[bytes, ScalarEncoder]:
    """Give the tag of a scalar field and the encoder of its value."""
    if field.type == FieldDescriptor.TYPE_BYTES:
        in_hex = field.name in HEX_FIELDS
        return varint(field.number << 3 | 2), _hex if in_hex else _base64
    wire_type, encode = ENCODERS[field.type]
    return varint(field.number << 3 | wire_type), encode


def _string(value: Any) -> bytes:
    if type(value) is not str:
        raise BadValueError("must be a string")
    data = value.encode()
    return varint(len(data)) + data


def _hex(value: Any) -> bytes:
    if type(value) is not str:
        raise BadValueError("must be a string of hex digits")
    try:
        data = binascii.unhexlify(value)
    except ValueError as error:
        raise BadValueError("must be a string of hex digits, two a byte") from error
    return varint(len(data)) + data


def _base64(value: Any) -> bytes:
    if type(value) is not str:
        raise BadValueError("must be a base64 string")
    padded = value.translate(URL_SAFE).rstrip("=")
    try:
        data = binascii.a2b_base64(padded + "=" * (-len(padded) % 4), strict_mode=True)
    except ValueError as error:
        raise BadValueError("must be a base64 string") from error
    return varint(len(data)) + data


def _bool(value: Any) -> bytes:
    if type(value) is not bool:
        raise BadValueError("must be true or false")
    return b"\x01" if value else b"\x00"


def _double(value: Any) -> bytes:
    return struct.pack("<d", _float_of(value))


def _float_of(value: Any) -> float:
    if type(value) is float:
        if math.isinf(value):
            raise BadValueError("is out of range for a double")
        return value
    if type(value) is int:
        return float(value)
    if type(value) is not str:
        raise BadValueError("must be a number")
    if value in SPECIAL_DOUBLES:
        return SPECIAL_DOUBLES[value]
    return _float_of_text(value)


def _float_of_text(text: str) -> float:
    # float() also takes blanks, underscores and words, which JSON numbers do not have.
    if len(text) > DOUBLE_TEXT_MAX or not text or text.strip("0123456789+-.eE"):
        raise BadValueError("must be a number")
    try:
        number = float(text)
    except ValueError as error:
        raise BadValueError("must be a number") from error
    if math.isinf(number):
        raise BadValueError("is out of range for a double")
    return number


def _integer(value: Any, low: int, high: int) -> int:
    if type(value) is int:
        number = value
    elif type(value) is str:
        number = _integer_of_text(value)
    elif type(value) is float and value.is_integer():
        number = int(value)
    else:
        raise BadValueError("must be an integer, as a number or a decimal string")
    if not low <= number <= high:
        raise BadValueError(f"must be between {low} and {high}")
    return number


def _integer_of_text(text: str) -> int:
    digits = text.removeprefix("-")
    if len(text) > INTEGER_TEXT_MAX or not (digits.isascii() and digits.isdigit()):
        raise BadValueError("must be an integer, as a number or a decimal string")
    return int(text)


def _fixed64(value: Any) -> bytes:
    return _integer(value, 0, 2**64 - 1).to_bytes(8, "little")


def _sfixed64(value: Any) -> bytes:
    return _integer(value, -(2**63), 2**63 - 1).to_bytes(8, "little", signed=True)


def _fixed32(value: Any) -> bytes:
    return _integer(value, 0, 2**32 - 1).to_bytes(4, "little")


def _uint32(value: Any) -> bytes:
    return varint(_integer(value, 0, 2**32 - 1))


def _uint64(value: Any) -> bytes:
    return varint(_integer(value, 0, 2**64 - 1))


def _int32(value: Any) -> bytes:
    return varint(_integer(value, -(2**31), 2**31 - 1) & (2**64 - 1))


def _int64(value: Any) -> bytes:
    return varint(_integer(value, -(2**63), 2**63 - 1) & (2**64 - 1))


def _sint32(value: Any) -> bytes:
    number = _integer(value, -(2**31), 2**31 - 1)
    return varint(number << 1 if number >= 0 else (-number << 1) - 1)


def _enum(value: Any) -> bytes:
    if type(value) is str:
        raise BadValueError("must be an integer: OTLP/JSON writes enums as numbers, not names")
    return _int32(value)


ENCODERS: dict[int, tuple[int, ScalarEncoder]] = {
    FieldDescriptor.TYPE_STRING: (2, _string),
    FieldDescriptor.TYPE_BOOL: (0, _bool),
    FieldDescriptor.TYPE_DOUBLE: (1, _double),
    FieldDescriptor.TYPE_FIXED64: (1, _fixed64),
    FieldDescriptor.TYPE_SFIXED64: (1, _sfixed64),
    FieldDescriptor.TYPE_FIXED32: (5, _fixed32),
    FieldDescriptor.TYPE_UINT32: (0, _uint32),
    FieldDescriptor.TYPE_UINT64: (0, _uint64),
    FieldDescriptor.TYPE_INT32: (0, _int32),
    FieldDescriptor.TYPE_INT64: (0, _int64),
    FieldDescriptor.TYPE_SINT32: (0, _sint32),
    FieldDescriptor.TYPE_ENUM: (0, _enum),
}
"""Wire type and encoder of every scalar type that OTLP uses, bytes apart."""
