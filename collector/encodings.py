"""Content encodings, inflated piece by piece so that a bomb is refused while it is small."""

from __future__ import annotations

import sys
import zlib
from enum import StrEnum
from typing import TYPE_CHECKING

from collector.errors import MalformedError, UnsupportedError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE_BYTES = 1 << 20
"""Most bytes one step may inflate to."""

SLICE_BYTES = 1 << 16
"""Compressed bytes given to the inflater at one time; it bounds what a step copies."""

PARTS_MAX = 4096
"""Members of a gzip file or frames of a zstd body; more are an attack, not a batch."""

ZSTD_WINDOW_LOG_MAX = 23
"""8 MiB, the most that RFC 9659 lets a zstd content encoding ask for."""


class Encoding(StrEnum):
    """The content encodings spoken here."""

    IDENTITY = "identity"
    GZIP = "gzip"
    DEFLATE = "deflate"
    ZSTD = "zstd"


ENCODINGS: dict[str, Encoding] = {
    "": Encoding.IDENTITY,
    "identity": Encoding.IDENTITY,
    "gzip": Encoding.GZIP,
    "x-gzip": Encoding.GZIP,
    "deflate": Encoding.DEFLATE,
    "zlib": Encoding.DEFLATE,
    "zstd": Encoding.ZSTD,
}


def encoding_of(header: str) -> Encoding:
    """Read a `Content-Encoding` value; raise UnsupportedError for one not spoken here."""
    encoding = ENCODINGS.get(header.strip().lower())
    if encoding is None:
        raise UnsupportedError(
            f"Content-Encoding {header[:80]!r} is not supported; "
            "use identity, gzip, deflate or zstd.",
            field="Content-Encoding",
        )
    return encoding


def pieces(encoding: Encoding, wire: bytes) -> Iterator[bytes]:
    """Inflate in pieces of at most PIECE_BYTES.

    Raises
    ------
    MalformedError
        The stream is corrupt, cut short, or followed by other bytes.
    """
    try:
        if encoding is Encoding.ZSTD:
            yield from _zstd(wire)
        elif encoding is Encoding.GZIP:
            yield from _gzip(wire)
        elif encoding is Encoding.DEFLATE:
            yield from _deflate(wire)
        else:
            yield wire
    except (zlib.error, zstd.ZstdError) as error:
        raise MalformedError(f"The {encoding} body is corrupt: {error}.") from error


def _gzip(wire: bytes) -> Iterator[bytes]:
    inflater = zlib.decompressobj(31)
    members = 1
    for data in _slices(wire):
        while True:
            if inflater.eof:
                # gzip files may be padded with zeros between and after members (RFC 1952
                # readers skip them); anything else must be the next member.
                data = data.lstrip(b"\0")  # noqa: PLW2901
                if not data:
                    break
                members = _one_more(members)
                inflater = zlib.decompressobj(31)
            piece = inflater.decompress(data, PIECE_BYTES)
            if piece:
                yield piece
            data = inflater.unused_data if inflater.eof else inflater.unconsumed_tail  # noqa: PLW2901
            if not data and (inflater.eof or len(piece) < PIECE_BYTES):
                break
    if not inflater.eof:
        raise MalformedError("The gzip body is cut short.")


def _deflate(wire: bytes) -> Iterator[bytes]:
    inflater = zlib.decompressobj(_deflate_wbits(wire))
    for data in _slices(wire):
        while True:
            piece = inflater.decompress(data, PIECE_BYTES)
            if piece:
                yield piece
            if inflater.unused_data:
                raise MalformedError("The deflate body is followed by other bytes.")
            data = inflater.unconsumed_tail  # noqa: PLW2901
            if not data and len(piece) < PIECE_BYTES:
                break
    if not inflater.eof:
        raise MalformedError("The deflate body is cut short.")


def _deflate_wbits(wire: bytes) -> int:
    # RFC 9110 means the zlib format by "deflate"; some senders leave the two-byte header out.
    # A raw stream cannot look like one: it would begin with a stored block and set padding bits.
    has_header = len(wire) >= 2 and wire[0] & 0x0F == 8 and (wire[0] << 8 | wire[1]) % 31 == 0
    return zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS


def _zstd(wire: bytes) -> Iterator[bytes]:
    inflater = _zstd_inflater()
    frames = 1
    for data in _slices(wire):
        while True:
            if inflater.eof:
                if not data:
                    break
                frames = _one_more(frames)
                inflater = _zstd_inflater()
            piece = inflater.decompress(data, PIECE_BYTES)
            if piece:
                yield piece
            data = inflater.unused_data if inflater.eof else b""  # noqa: PLW2901
            if not data and (inflater.eof or inflater.needs_input):
                break
    if not inflater.eof:
        raise MalformedError("The zstd body is cut short.")


def _zstd_inflater() -> zstd.ZstdDecompressor:
    return zstd.ZstdDecompressor(
        options={zstd.DecompressionParameter.window_log_max: ZSTD_WINDOW_LOG_MAX}
    )


def _one_more(parts: int) -> int:
    if parts >= PARTS_MAX:
        raise MalformedError(f"The body has more than {PARTS_MAX} compressed members.")
    return parts + 1


def _slices(wire: bytes) -> Iterator[bytes]:
    if len(wire) <= SLICE_BYTES:
        yield wire
        return
    for start in range(0, len(wire), SLICE_BYTES):
        yield wire[start : start + SLICE_BYTES]
