"""One signal's queue: gathers submissions into groups and takes them away one at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.frames import Frame
from collector.models import Receipt

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from collector.models import Signal
    from collector.settings import PipelineSettings

_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Waiting:
    """A frame and the two who want to know of it.

    Parameters
    ----------
    answer
        What its sender is told.
    stored
        Settles once the frame is in the store or lost, which may be long after the answer.
    """

    frame: Frame
    answer: asyncio.Future[Receipt]
    stored: asyncio.Future[Receipt]

    @classmethod
    def new(cls, frame: Frame, stored: asyncio.Future[Receipt] | None = None) -> Waiting:
        """Begin to wait on the running loop; `stored` may have been waited for before."""
        loop = asyncio.get_running_loop()
        return cls(frame, loop.create_future(), stored or loop.create_future())

    def resolve(self, receipt: Receipt) -> None:
        """Tell the sender."""
        _set_result(self.answer, receipt)

    def refuse(self, error: Exception) -> None:
        """Tell the sender that it failed."""
        _set_exception(self.answer, error)

    def store(self, receipt: Receipt) -> None:
        """Tell retries of the same body that it is stored."""
        _set_result(self.stored, receipt)

    def lose(self, error: Exception) -> None:
        """Tell retries of the same body that it was not stored."""
        _set_exception(self.stored, error)


class Lane:
    """Queue of one signal; `run` takes groups from it to `commit` for ever.

    A group goes once it holds `group_flush_kib` or its oldest member has waited
    `group_linger_ms`; while one is being stored the next grows up to the maxima.
    """

    def __init__(
        self,
        signal: Signal,
        settings: PipelineSettings,
        commit: Callable[[Signal, list[Waiting]], Awaitable[None]],
    ) -> None:
        self._signal = signal
        self._commit = commit
        self._linger_s = settings.group_linger_ms / 1000
        self._flush_bytes = settings.group_flush_kib * 1024
        self._max_bytes = settings.group_max_mib * _MIB
        self._max_requests = settings.group_max_requests
        self._queue: deque[Waiting] = deque()
        self._waiting_bytes = 0
        self._group: list[Waiting] = []
        self._group_bytes = 0
        self._some = asyncio.Event()
        self._enough = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._hurry = False

    @property
    def queued_bytes(self) -> int:
        """Bytes of bodies held, the group being stored included."""
        return self._waiting_bytes + self._group_bytes

    @property
    def queued_requests(self) -> int:
        """Requests held, the group being stored included."""
        return len(self._queue) + len(self._group)

    def put(self, waiting: Waiting) -> None:
        """Queue a frame; the caller has checked the bounds."""
        self._queue.append(waiting)
        self._waiting_bytes += waiting.frame.size
        self._idle.clear()
        self._some.set()
        if self._waiting_bytes >= self._flush_bytes or len(self._queue) >= self._max_requests:
            self._enough.set()

    async def run(self) -> None:
        """Store group after group until cancelled."""
        while True:
            await self._some.wait()
            await self._linger()
            self._group = self._take()
            try:
                await self._commit(self._signal, self._group)
            finally:
                self._group = []
                self._group_bytes = 0
            if not self._queue:
                self._idle.set()

    async def drained(self) -> None:
        """Wait until nothing is queued, without lingering any more."""
        self._hurry = True
        self._enough.set()
        await self._idle.wait()

    def abandon(self, error: Exception) -> None:
        """Refuse whatever is still queued."""
        for waiting in (*self._group, *self._queue):
            waiting.refuse(error)
            waiting.lose(error)
        self._queue.clear()
        self._waiting_bytes = 0

    async def _linger(self) -> None:
        if self._hurry:
            return
        try:
            async with asyncio.timeout(self._linger_s):
                await self._enough.wait()
        except TimeoutError:
            return

    def _take(self) -> list[Waiting]:
        group: list[Waiting] = []
        size = 0
        while self._queue and len(group) < self._max_requests:
            following = self._queue[0].frame.size
            if group and size + following > self._max_bytes:
                break
            group.append(self._queue.popleft())
            size += following
        self._waiting_bytes -= size
        self._group_bytes = size
        if not self._queue:
            self._some.clear()
        if self._waiting_bytes < self._flush_bytes and len(self._queue) < self._max_requests:
            self._enough.clear()
        return group


def _set_result(future: asyncio.Future[Receipt], receipt: Receipt) -> None:
    if not future.done():
        future.set_result(receipt)


def _set_exception(future: asyncio.Future[Receipt], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
        # Nobody may be waiting, which is not worth asyncio's warning.
        future.exception()
