"""Groups the store could not take: kept in the journal, tried again in order."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from sql.errors import RetryableStoreError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from collector.journal import Entry
    from collector.lane import Waiting
    from collector.settings import PipelineSettings


class Backlog:
    """A queue of journal entries, truthy while the store is behind.

    Parameters
    ----------
    drain
        Stores one entry; raises RetryableStoreError while the store stays down.
    """

    def __init__(
        self,
        settings: PipelineSettings,
        *,
        drain: Callable[[Entry, list[Waiting]], Awaitable[None]],
    ) -> None:
        self._drain = drain
        self._retry_min_s = settings.retry_min_ms / 1000
        self._retry_max_s = settings.retry_max_ms / 1000
        self._entries: deque[tuple[Entry, list[Waiting]]] = deque()
        self._some = asyncio.Event()
        self.size = 0

    def __bool__(self) -> bool:
        return bool(self._entries)

    def put(self, entry: Entry, group: list[Waiting]) -> None:
        """Add an entry behind the others."""
        self._entries.append((entry, group))
        self.size += entry.size
        self._some.set()

    async def run(self) -> None:
        """Drain in order until cancelled, with growing pauses while the store is down."""
        pause_s = self._retry_min_s
        while True:
            await self._some.wait()
            entry, group = self._entries[0]
            try:
                await self._drain(entry, group)
            except RetryableStoreError:
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, self._retry_max_s)
                continue
            pause_s = self._retry_min_s
            self._entries.popleft()
            self.size -= entry.size
            if not self._entries:
                self._some.clear()
