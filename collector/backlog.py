"""Groups the store could not take: kept in the journal, tried again in order."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from sql.errors import RetryableStoreError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from collector.journal import Entry
    from collector.models import Receipt
    from collector.settings import PipelineSettings


#: Who waits for a body of an entry, by its digest; the bodies themselves stay on disk.
Watchers = dict[bytes, "asyncio.Future[Receipt]"]


class Backlog:
    """A queue of journal entries, truthy while the store is behind.

    Parameters
    ----------
    spools
        Whether groups may be acknowledged from here, up to `spool_max_mib`.
    drain
        Stores one entry; raises RetryableStoreError while the store stays down.
    """

    def __init__(
        self,
        settings: PipelineSettings,
        *,
        spools: bool,
        drain: Callable[[Entry, Watchers], Awaitable[None]],
    ) -> None:
        self._drain = drain
        self.spools = spools and settings.spool_max_mib > 0
        self._size_max = settings.spool_max_mib << 20
        self._retry_min_s = settings.retry_min_ms / 1000
        self._retry_max_s = settings.retry_max_ms / 1000
        self._entries: deque[tuple[Entry, Watchers]] = deque()
        self._some = asyncio.Event()
        self.size = 0

    def __bool__(self) -> bool:
        return bool(self._entries)

    def takes(self, size: int) -> bool:
        """Whether a group of `size` bytes may be acknowledged from here."""
        return self.spools and self.size + size <= self._size_max

    def put(self, entry: Entry, watchers: Watchers) -> None:
        """Add an entry behind the others."""
        self._entries.append((entry, watchers))
        self.size += entry.size
        self._some.set()

    async def run(self) -> None:
        """Drain in order until cancelled, with growing pauses while the store is down."""
        pause_s = self._retry_min_s
        while True:
            await self._some.wait()
            entry, watchers = self._entries[0]
            try:
                await self._drain(entry, watchers)
            except RetryableStoreError:
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, self._retry_max_s)
                continue
            pause_s = self._retry_min_s
            self._entries.popleft()
            self.size -= entry.size
            if not self._entries:
                self._some.clear()
