"""Request and response bodies of the ClickHouse double: framing, compression, forms."""

from __future__ import annotations

import gzip
import zlib
from email.parser import BytesParser
from typing import IO, Any

import lz4.frame
import zstandard

_INFLATE = {
    "lz4": lz4.frame.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().decompressobj().decompress(body),
    "gzip": gzip.decompress,
    "deflate": zlib.decompress,
}
_COMPRESS = {
    "lz4": lz4.frame.compress,
    "zstd": lambda body: zstandard.ZstdCompressor().compress(body),
    "gzip": gzip.compress,
}


def read_body(headers: Any, stream: IO[bytes]) -> bytes:
    """Read a body by its length or its chunks."""
    if headers.get("Transfer-Encoding", "").lower() != "chunked":
        return stream.read(int(headers.get("Content-Length") or 0))
    parts = []
    while size := int(stream.readline().split(b";")[0], 16):
        parts.append(stream.read(size))
        stream.readline()
    stream.readline()
    return b"".join(parts)


def inflate(body: bytes, encoding: str) -> bytes:
    """Undo a Content-Encoding; ValueError where it cannot be undone."""
    if not encoding or encoding == "identity":
        return body
    try:
        return _INFLATE[encoding](body)
    except (KeyError, RuntimeError, OSError, zlib.error, zstandard.ZstdError) as error:
        raise ValueError(f"cannot inflate a {encoding} body") from error


def compress(body: bytes, accepted: str) -> tuple[bytes, str]:
    """Compress with the first accepted method known here; the second value names it."""
    for name in (part.split(";")[0].strip() for part in accepted.split(",")):
        if name in _COMPRESS:
            return _COMPRESS[name](body), name
    return body, ""


def form_fields(body: bytes, content_type: str) -> dict[str, str]:
    """Read the fields of a multipart form."""
    message = BytesParser().parsebytes(
        b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body
    )
    fields = {}
    for part in message.get_payload():
        name = part.get_param("name", header="content-disposition")
        fields[name] = part.get_payload(decode=True).decode(errors="surrogateescape")
    return fields
