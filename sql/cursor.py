"""Opaque cursors: the sort key of a page's last row, so that the next page starts after it."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

import orjson

from sql.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Changes when what a cursor holds changes; older cursors are then refused.
VERSION = 1

#: Longest cursor read, in characters.
CURSOR_CHARS_MAX = 4096


def encode(values: Sequence[int | str]) -> str:
    """Write the values of a sort key as text that is safe in a URL."""
    # Large integers go as text: orjson stops at 64 bits.
    held = [str(value) if isinstance(value, int) else value for value in values]
    return base64.urlsafe_b64encode(orjson.dumps([VERSION, *held])).decode().rstrip("=")


def decode(text: str, kinds: Sequence[type[int] | type[str]]) -> tuple[int | str, ...]:
    """Read a cursor back.

    Parameters
    ----------
    kinds
        The type of each value, in the order they were encoded.

    Raises
    ------
    InvalidInputError
        For anything `encode` did not make for these kinds.
    """
    if len(text) > CURSOR_CHARS_MAX:
        raise _refused()
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        held = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if not isinstance(held, list) or held[:1] != [VERSION] or len(held) != len(kinds) + 1:
            raise _refused()
        if not all(isinstance(value, str) for value in held[1:]):
            raise _refused()
        return tuple(kind(value) for kind, value in zip(kinds, held[1:], strict=True))
    except (binascii.Error, orjson.JSONDecodeError, ValueError):
        raise _refused() from None


def _refused() -> InvalidInputError:
    return InvalidInputError(
        "The cursor is not one this service gave out for this list; leave it out to start again.",
        field="cursor",
    )
