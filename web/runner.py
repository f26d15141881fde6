"""The one place where whatever goes wrong in background work is caught, so that it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_logger = structlog.get_logger(__name__)


async def guarded(work: Awaitable[None], on_crash: Callable[[Exception], None]) -> None:
    """Await `work`; a defect in it is logged and told to `on_crash`, never raised.

    Without this a defect met by one group would end the task of its lane, and every sender after
    it would wait for an answer that cannot come; a defect of a job would end all its later runs.
    """
    try:
        await work
    except Exception as error:
        _logger.exception("work_crashed")
        on_crash(error)
