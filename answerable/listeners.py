"""Taking TCP ports, with an error that says which port and which flag."""

from __future__ import annotations

import errno
import socket
from typing import ClassVar

from sql.errors import AnswerableError


class PortError(AnswerableError):
    """An address cannot be listened on."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Cannot listen"


def listen(host: str, port: int, flag: str, *, backlog: int) -> socket.socket:
    """Bind and listen; port 0 takes a free one.

    Raises
    ------
    PortError
        When somebody else listens there, or the address is not this machine's.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise PortError(f"The host {host!r} is unknown: {error.strerror}.") from error
    taken = socket.socket(family, socket.SOCK_STREAM)
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(address)
        taken.listen(backlog)
    except OSError as error:
        taken.close()
        raise PortError(_told(error, host, port, flag)) from error
    taken.setblocking(False)
    return taken


def port_of(listener: socket.socket) -> int:
    """Port a listener got."""
    port: int = listener.getsockname()[1]
    return port


def free(host: str, port: int, flag: str) -> int:
    """Check that a port can be taken by somebody else soon, and return it.

    Parameters
    ----------
    port
        0 picks a free one.
    """
    with listen(host, port, flag, backlog=1) as probe:
        return port_of(probe)


def _told(error: OSError, host: str, port: int, flag: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is in use by another process; "
            f"stop that one or choose another port with {flag}."
        )
    return f"Cannot listen on {host} port {port}: {error.strerror}; see {flag}."
