"""The window of bodies already stored: a client that retries gets its first answer again."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.models import Receipt

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(slots=True)
class _Entry:
    outcome: asyncio.Future[Receipt] | Receipt
    seen_ns: int


class Duplicates:
    """Body digests of the last `window_s` seconds, at most `max_entries` of them.

    Identical bytes from one tenant are a retry: OTLP carries no batch id, and a body holds its
    own times and ids. A body still on its way is remembered too, so a retry waits for the first
    attempt instead of storing it twice.
    """

    def __init__(self, *, window_s: float, max_entries: int) -> None:
        self._window_ns = int(window_s * 1e9)
        self._max_entries = max_entries
        self._entries: OrderedDict[bytes, _Entry] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, digest: bytes, now_ns: int) -> asyncio.Future[Receipt] | Receipt | None:
        """Return the outcome, or the coming outcome, of the same body; None for a new one."""
        self._expire(now_ns)
        entry = self._entries.get(digest)
        return entry.outcome if entry else None

    def expect(self, digest: bytes, outcome: asyncio.Future[Receipt], now_ns: int) -> None:
        """Remember a body that is on its way."""
        self._put(digest, _Entry(outcome, now_ns))

    def settle(self, digest: bytes, receipt: Receipt, now_ns: int) -> None:
        """Remember that a body is stored."""
        self._put(digest, _Entry(receipt, now_ns))

    def forget(self, digest: bytes) -> None:
        """Forget a body that was not stored, so that its retry is a first attempt."""
        self._entries.pop(digest, None)

    def restore(self, digests: Iterable[bytes], receipt: Receipt, now_ns: int) -> None:
        """Fill the window after a restart, oldest first."""
        for digest in digests:
            self.settle(digest, receipt, now_ns)

    def _put(self, digest: bytes, entry: _Entry) -> None:
        self._entries.pop(digest, None)
        if self._window_ns:
            self._entries[digest] = entry
        while len(self._entries) > self._max_entries:
            self._entries.popitem(last=False)

    def _expire(self, now_ns: int) -> None:
        while self._entries:
            digest, entry = next(iter(self._entries.items()))
            if now_ns - entry.seen_ns < self._window_ns:
                return
            del self._entries[digest]
