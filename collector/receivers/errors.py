"""Refusals that only a receiver can give.

IngestError
├── MethodError        405  anything but POST
├── SlowBodyError      408  the body did not arrive in time
├── NoMessageError     400  a gRPC call that ended, or was cut off, before its message
└── DisconnectedError  499  the sender went away; nobody is left to answer
"""

from __future__ import annotations

from collector.errors import IngestError


class MethodError(IngestError):
    """Only POST is spoken here; not counted in the ledger, for nothing was sent."""

    status = 405
    title = "Method not allowed"
    reason = ""


class SlowBodyError(IngestError):
    """The body did not arrive within the time a sender has."""

    status = 408
    title = "Request timeout"
    reason = "slow_body"


class NoMessageError(IngestError):
    """The call ended before its message: cancelled, or larger than the transport takes."""

    status = 400
    title = "No message"
    reason = "no_message"


class DisconnectedError(IngestError):
    """The sender went away in the middle of its body."""

    status = 499
    title = "Client closed request"
    reason = "disconnected"
