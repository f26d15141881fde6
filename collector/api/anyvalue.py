"""Attributes as JSON: what OTLP calls AnyValue, decoded from the forms the store keeps it in."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Literal

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValueList

from web.render import double, integer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: The type of an attribute as answers name it.
Kind = Literal["string", "int", "double", "bool", "array", "kvlist", "bytes", "none"]

#: A JSON value beside the type it was sent with.
Typed = tuple[Any, Kind]

_KINDS: dict[str, Kind] = {
    "s": "string",
    "i": "int",
    "d": "double",
    "t": "bool",
    "f": "bool",
    "a": "array",
    "k": "kvlist",
    "b": "bytes",
    "n": "none",
}


def decode(value: AnyValue) -> Any:
    """Turn a value into JSON, nested ones as well."""
    kind = value.WhichOneof("value")
    match kind:
        case "int_value":
            return integer(value.int_value)
        case "double_value":
            return double(value.double_value)
        case "array_value":
            return [decode(item) for item in value.array_value.values]
        case "kvlist_value":
            return _object(value.kvlist_value)
        case "bytes_value":
            return base64.b64encode(value.bytes_value).decode()
        case "string_value" | "bool_value":
            return getattr(value, kind)
        case _:
            return None


def unpack(text: str) -> Typed:
    """Read a packed value: a letter for its type, then text, or hex for what is not text."""
    letter, rest = text[:1], text[1:]
    kind = _KINDS[letter]
    match kind:
        case "string":
            return rest, kind
        case "int":
            return integer(int(rest)), kind
        case "double":
            return double(float(rest)), kind
        case "bool":
            return letter == "t", kind
        case "array":
            return array(rest.split(",")[:-1]), kind
        case _:
            return _other(kind, bytes.fromhex(rest)), kind


def array(items: Iterable[str]) -> list[Any]:
    """Decode the items of an array, each the bytes of one value in hex."""
    return [decode(AnyValue.FromString(bytes.fromhex(item))) for item in items]


def split(typed: Iterable[tuple[str, Typed]]) -> tuple[dict[str, Any], dict[str, Kind]]:
    """Part values from their types, both by name."""
    ordered = sorted(typed)
    return {name: one[0] for name, one in ordered}, {name: one[1] for name, one in ordered}


def packed_map(values: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Kind]]:
    """Read a map of packed values."""
    return split((name, unpack(text)) for name, text in values.items())


def typed_maps(row: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Kind]]:
    """Read the six columns that hold a row's attributes by type."""
    found: dict[str, Typed] = {
        name: (value, "string") for name, value in row["attr_string"].items()
    }
    found.update((name, (integer(value), "int")) for name, value in row["attr_int"].items())
    found.update((name, (double(value), "double")) for name, value in row["attr_double"].items())
    found.update((name, (value, "bool")) for name, value in row["attr_bool"].items())
    found.update((name, (array(items), "array")) for name, items in row["attr_array_hex"].items())
    for name, held in row["attr_other_hex"].items():
        raw = bytes.fromhex(held)
        kind = _KINDS[raw[:1].decode()]
        found[name] = (_other(kind, raw[1:]), kind)
    return split(found.items())


def _other(kind: Kind, raw: bytes) -> Any:
    if kind == "kvlist":
        return _object(KeyValueList.FromString(raw))
    return base64.b64encode(raw).decode() if kind == "bytes" else None


def _object(pairs: KeyValueList) -> dict[str, Any]:
    return {pair.key: decode(pair.value) for pair in pairs.values}
