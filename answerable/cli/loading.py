"""Loads what runs the service, late: other commands need not wait a second for it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from answerable.announcement import Announcement
    from answerable.children import Child
    from answerable.settings import Settings


def run(
    settings: Settings,
    announce: Callable[[Announcement], None],
    companion: Callable[[Announcement], Child] | None = None,
) -> int:
    """Load the engine and the servers and run the service; see `answerable.running.run`."""
    # gRPC reads this when it is loaded. The children are started by fork and exec, and it would
    # write a line to the terminal about each of them.
    os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
    from answerable import running  # noqa: PLC0415

    return running.run(settings, announce, companion)
