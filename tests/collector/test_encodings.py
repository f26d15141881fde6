from __future__ import annotations

import gzip
import os
import time
import zlib

import pytest
import zstandard

from collector.encodings import PARTS_MAX, PIECE_BYTES, Encoding, encoding_of, pieces
from collector.errors import MalformedError, UnsupportedError


def inflate(encoding, wire):
    return b"".join(pieces(Encoding(encoding), wire))


def raw_deflate(body):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


PACKERS = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "raw": raw_deflate,
    "zstd": zstandard.compress,
}


def pack(kind, body):
    return PACKERS[kind](body), "deflate" if kind == "raw" else kind


@pytest.mark.parametrize("kind", PACKERS)
@pytest.mark.parametrize("body", [b"", b"a", os.urandom(300_000), b"ab" * 3_000_000])
def test_round_trip_in_bounded_pieces(kind, body):
    wire, encoding = pack(kind, body)
    parts = list(pieces(Encoding(encoding), wire))
    assert b"".join(parts) == body
    assert all(0 < len(part) <= PIECE_BYTES for part in parts)


@pytest.mark.parametrize("kind", PACKERS)
@pytest.mark.parametrize("size", [10, 200_000])
def test_every_cut_is_noticed(kind, size):
    wire, encoding = pack(kind, os.urandom(size))
    for end in {0, 1, 2, len(wire) // 2, len(wire) - 4, len(wire) - 1}:
        with pytest.raises(MalformedError):
            inflate(encoding, wire[:end])


@pytest.mark.parametrize("kind", PACKERS)
def test_what_follows_is_noticed(kind):
    wire, encoding = pack(kind, b"hello")
    with pytest.raises(MalformedError):
        inflate(encoding, wire + b"garbage")


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_members_are_joined(encoding):
    parts = [os.urandom(size) for size in (1, 70_000, 3, 200_000)]
    assert inflate(encoding, b"".join(pack(encoding, part)[0] for part in parts)) == b"".join(parts)


def test_a_corrupt_checksum_is_noticed():
    wire = bytearray(gzip.compress(b"hello"))
    wire[-6] ^= 1
    with pytest.raises(MalformedError, match="corrupt"):
        inflate("gzip", bytes(wire))


@pytest.mark.parametrize("size", [10, 1 << 16, 200_000])
def test_zero_padding_after_gzip_is_skipped(size):
    assert inflate("gzip", gzip.compress(b"hello") + bytes(size)) == b"hello"


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_flood_of_empty_members_ends_soon(encoding):
    wire = pack(encoding, b"")[0] * (8 * PARTS_MAX)
    started = time.monotonic()
    with pytest.raises(MalformedError, match="members"):
        inflate(encoding, wire)
    assert time.monotonic() - started < 5


def test_a_huge_zstd_window_is_refused():
    options = zstandard.ZstdCompressionParameters(window_log=27, write_content_size=False)
    packer = zstandard.ZstdCompressor(compression_params=options).compressobj()
    wire = packer.compress(b"x" * 100) + packer.flush()
    with pytest.raises(MalformedError, match="zstd"):
        inflate("zstd", wire)


@pytest.mark.parametrize("kind", PACKERS)
def test_a_bomb_is_inflated_no_further_than_asked(kind):
    wire, encoding = pack(kind, bytes(200 << 20))
    steps = pieces(Encoding(encoding), wire)
    assert len(next(steps)) <= PIECE_BYTES
    steps.close()


@pytest.mark.parametrize(
    ("header", "encoding"),
    [("", "identity"), (" GZip ", "gzip"), ("x-gzip", "gzip"), ("zlib", "deflate")],
)
def test_names(header, encoding):
    assert encoding_of(header) == encoding


def test_an_unknown_name_says_what_is_spoken():
    with pytest.raises(UnsupportedError, match="identity, gzip, deflate or zstd"):
        encoding_of("br")
