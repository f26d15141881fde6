"""Cut a large protobuf body into small ones that can be validated one at a time.

Parsing needs far more memory than the bytes parsed: an empty span is two bytes on the wire and
some 300 in upb, so 64 MiB of them, which gzip to 64 KiB, would take 10 GB. A run of whole fields
of a message is a message of the same type, so a body is cut between fields, and only submessages
larger than a slice are opened to be cut in their turn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from collector.errors import MalformedError, TooLargeError
from collector.json_scalars import varint
from collector.models import Signal

if TYPE_CHECKING:
    from collections.abc import Iterator

SLICE_BYTES = 1 << 20
"""Bodies up to this size are parsed whole, larger ones in runs of about this size."""

FIELD_BYTES_MAX = 16 << 20
"""Largest field that cannot be cut further: one attribute, or one event."""

LENGTH_DELIMITED = 2

ITEM_LEVEL = 3
"""Request, resource and scope are above the item."""


class Slice(NamedTuple):
    """A body that parses by itself.

    Parameters
    ----------
    items
        Items to count for it where parsing cannot tell, because it holds a part of one.
    """

    body: bytes
    items: int | None


OPENED: dict[Signal, tuple[frozenset[int], ...]] = {
    Signal.TRACES: (frozenset({1}), frozenset({2}), frozenset({2})),
    Signal.LOGS: (frozenset({1}), frozenset({2}), frozenset({2})),
    Signal.METRICS: (
        frozenset({1}),
        frozenset({2}),
        frozenset({2}),
        frozenset({5, 7, 9, 10, 11}),
    ),
}
"""Fields that are opened at each level when they are too large: the way down to the items."""


def slices(signal: Signal, body: bytes) -> Iterator[Slice]:
    """Cut a body; the slices hold all of its fields, each once.

    Raises
    ------
    MalformedError
        The outer fields are not protobuf.
    TooLargeError
        A field that cannot be cut is over FIELD_BYTES_MAX.
    """
    yield from _runs(signal, body, 0, len(body), ())


def _runs(
    signal: Signal, body: bytes, start: int, end: int, path: tuple[int, ...]
) -> Iterator[Slice]:
    levels = OPENED[signal]
    opened = levels[len(path)] if len(path) < len(levels) else frozenset()
    part_of_item = len(path) >= ITEM_LEVEL and signal is not Signal.METRICS
    first = True
    run_start = position = start
    while position < end:
        number, payload, position_after = _field(body, position, end)
        size = position_after - position
        if size > SLICE_BYTES and number in opened:
            if position > run_start:
                yield _wrapped(body[run_start:position], path, None)
            yield from _runs(signal, body, payload, position_after, (*path, number))
            run_start = position_after
        elif size > FIELD_BYTES_MAX:
            raise TooLargeError(f"One field is over {FIELD_BYTES_MAX >> 20} MiB; shorten it.")
        elif position_after - run_start > SLICE_BYTES:
            yield _wrapped(
                body[run_start:position_after], path, int(first) if part_of_item else None
            )
            first = False
            run_start = position_after
        position = position_after
    if end > run_start or (part_of_item and first):
        yield _wrapped(body[run_start:end], path, int(first) if part_of_item else None)


def _wrapped(fields: bytes, path: tuple[int, ...], items: int | None) -> Slice:
    for number in reversed(path):
        fields = varint(number << 3 | LENGTH_DELIMITED) + varint(len(fields)) + fields
    return Slice(fields, items)


def _field(body: bytes, position: int, end: int) -> tuple[int, int, int]:
    """Give the number of the field at `position`, where its payload begins and where it ends."""
    tag, payload = _varint(body, position, end)
    wire_type = tag & 7
    if wire_type == LENGTH_DELIMITED:
        size, payload = _varint(body, payload, end)
        after = payload + size
    elif wire_type == 0:
        _, after = _varint(body, payload, end)
    elif wire_type in FIXED_BYTES:
        after = payload + FIXED_BYTES[wire_type]
    else:
        raise MalformedError("The body is not protobuf: it has a field of no known wire type.")
    if after > end:
        raise MalformedError("The body is not valid protobuf: it is cut short.")
    # Only submessages can be opened, so what has another wire type gets no number.
    return tag >> 3 if wire_type == LENGTH_DELIMITED else 0, payload, after


def _varint(body: bytes, position: int, end: int) -> tuple[int, int]:
    number = shift = 0
    while position < end and shift < 64:
        byte = body[position]
        position += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, position
        shift += 7
    raise MalformedError("The body is not valid protobuf: it is cut short or not protobuf.")


FIXED_BYTES = {1: 8, 5: 4}
