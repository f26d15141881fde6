"""Runs the service to its end in an event loop of its own, with what goes along with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import uvloop

from answerable.service import Service

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
    """Run the service and return its exit code.

    Parameters
    ----------
    companion
        Builds a process that runs beside the service, once it is up.

    Raises
    ------
    AnswerableError
        When it cannot start.
    """
    return uvloop.run(_run(settings, announce, companion))


async def _run(
    settings: Settings,
    announce: Callable[[Announcement], None],
    companion: Callable[[Announcement], Child] | None,
) -> int:
    beside: list[Child] = []

    def up(announcement: Announcement) -> None:
        if companion is not None:
            beside.append(companion(announcement))
            beside[0].start()
        announce(announcement)

    async def stop(grace_s: float) -> None:
        for child in beside:
            await child.stop(grace_s)

    service = Service(settings, up)
    service.before_stop(stop)
    return await service.run()
