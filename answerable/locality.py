"""Whether a request comes from a program on this machine, and not through one."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from collector.receivers.peers import FORWARDED, is_loopback

if TYPE_CHECKING:
    from starlette.types import Scope


def is_local(scope: Scope) -> bool:
    """Whether the request may count as this machine's own.

    A loopback peer is not enough. A proxy's headers mean that it speaks for another machine. A
    Host or an Origin that is not loopback means that a web page in a browser here sends it.
    """
    client = scope.get("client")
    if client is None or not is_loopback(client[0]):
        return False
    for name, value in scope["headers"]:
        if name.decode("latin-1") in FORWARDED:
            return False
        if name == b"host" and not _names_loopback(f"//{value.decode('latin-1')}"):
            return False
        if name == b"origin" and not _names_loopback(value.decode("latin-1")):
            return False
    return True


def _names_loopback(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return host == "localhost" or is_loopback(host)
