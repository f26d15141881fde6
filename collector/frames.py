"""A few bytes around an untouched body: the length-delimited frames the engine decodes.

The layout is message `Frame` of sql/proto/otlp_*.proto. The body sits in its own field, so
nothing a sender writes can reach the header fields beside it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from collector.models import Grant, Submission

if TYPE_CHECKING:
    from collector.models import Signal

#: Bytes of a body's digest.
DIGEST_SIZE = 16


@dataclass(frozen=True, slots=True)
class Frame:
    """A submission on its way to the store, under its own request id."""

    submission: Submission
    request_id: str
    digest: bytes

    @property
    def size(self) -> int:
        """Bytes of the body."""
        return len(self.submission.body)

    def chunks(self) -> tuple[bytes, bytes]:
        """Return the frame as header and body, so that the body is never copied."""
        submission = self.submission
        header = b"".join(
            (
                _text(1, submission.grant.tenant),
                *(_text(2, tenant) for tenant in submission.grant.tenants),
                _text(3, self.request_id),
                _delimited(4, self.digest),
                b"\x29" + submission.received_at_ns.to_bytes(8, "little"),
                _text(6, submission.grant.key_id),
                _text(10, submission.grant.default_tenant),
                b"\x38" + _varint(min(submission.wire_bytes, 0xFFFFFFFF)),
                b"\x40" + _varint(submission.items),
                b"\x4a" + _varint(len(submission.body)),
            )
        )
        return _varint(len(header) + len(submission.body)) + header, submission.body


def digest(signal: Signal, grant: Grant, body: bytes) -> bytes:
    """Hash a body together with whom it was sent for, so tenants never see each other's."""
    scope = "\0".join((signal.value, grant.home, *grant.tenants))
    hasher = hashlib.blake2b(scope.encode(), digest_size=DIGEST_SIZE)
    hasher.update(b"\0\0")
    hasher.update(body)
    return hasher.digest()


def wire_settings(signal: Signal, *, embedded: bool) -> dict[str, str]:
    """Engine settings with which `FORMAT Protobuf` reads this signal's frames.

    The embedded engine reads the schema file where it lies; a server gets its text.
    """
    chosen = {"input_format_protobuf_oneof_presence": "1"}
    if embedded:
        return {**chosen, "format_schema": f"{_schema_path(signal)}:Frame"}
    return {
        **chosen,
        "format_schema_source": "string",
        "format_schema": _schema_text(signal),
        "format_schema_message_name": "Frame",
    }


def table(signal: Signal) -> str:
    """Name the Null table a signal's frames are inserted into."""
    return f"otlp_{signal.value}_in"


def load(path: Path, signal: Signal) -> list[Frame]:
    """Read a file of frames back, as a restart or an outage needs them."""
    data = path.read_bytes()
    found: list[Frame] = []
    position = 0
    while position < len(data):
        length, position = _read_varint(data, position)
        found.append(_parse(data, position, position + length, signal))
        position += length
    return found


@cache
def _schema_path(signal: Signal) -> Path:
    return Path(str(resources.files("sql") / "proto" / f"otlp_{signal.value}.proto"))


@cache
def _schema_text(signal: Signal) -> str:
    return _schema_path(signal).read_text(encoding="utf-8")


def _parse(data: bytes, position: int, end: int, signal: Signal) -> Frame:
    numbers: dict[int, int] = {}
    texts: dict[int, list[bytes]] = {}
    while position < end:
        tag, position = _read_varint(data, position)
        if tag & 7 == 0:
            numbers[tag >> 3], position = _read_varint(data, position)
        elif tag & 7 == 1:
            numbers[tag >> 3] = int.from_bytes(data[position : position + 8], "little")
            position += 8
        else:
            length, position = _read_varint(data, position)
            texts.setdefault(tag >> 3, []).append(data[position : position + length])
            position += length
    grant = Grant(
        key_id=texts.get(6, [b""])[0].decode(),
        tenant=texts.get(1, [b""])[0].decode(),
        tenants=tuple(tenant.decode() for tenant in texts.get(2, [])),
        default_tenant=texts.get(10, [b""])[0].decode(),
    )
    submission = Submission(
        signal=signal,
        body=texts[9][0],
        items=numbers[8],
        wire_bytes=numbers[7],
        received_at_ns=numbers[5],
        grant=grant,
    )
    return Frame(submission, texts[3][0].decode(), texts[4][0])


def _text(field: int, value: str) -> bytes:
    return _delimited(field, value.encode()) if value else b""


def _delimited(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def _read_varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
