"""A bounded pool of driver clients, opened when first needed."""

from __future__ import annotations

import threading
import time
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING

from clickhouse_connect.driver.exceptions import ClickHouseError

from sql.errors import PermanentStoreError, RetryableStoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from clickhouse_connect.driver.client import Client


class HandlePool:
    """At most `bound` clients; each serves one statement at a time.

    Parameters
    ----------
    acquire_timeout_s
        Longest wait for a free client before RetryableStoreError.
    """

    def __init__(
        self, opener: Callable[[], Client], *, bound: int, acquire_timeout_s: float
    ) -> None:
        self._open = opener
        self._bound = bound
        self._acquire_timeout_s = acquire_timeout_s
        self._changed = threading.Condition()
        self._idle: deque[Client] = deque()
        self._busy = 0
        self._closed = False

    @property
    def busy(self) -> int:
        """Clients lent out now."""
        return self._busy

    @contextmanager
    def lend(self) -> Iterator[Client]:
        """Lend one client; it comes back whatever the engine answers.

        A client on which something other than an engine error happened is closed and
        replaced, because its state is unknown.
        """
        client = self._take()
        try:
            yield client
        except ClickHouseError:
            self._give_back(client)
            raise
        except BaseException:
            self._drop(client)
            raise
        self._give_back(client)

    def close(self, timeout_s: float) -> bool:
        """Refuse new loans, wait for running ones; False when some outlived `timeout_s`."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            drained = self._changed.wait_for(lambda: self._busy == 0, timeout_s)
            idle, self._idle = list(self._idle), deque()
        for client in idle:
            client.close()
        return drained

    def _take(self) -> Client:
        deadline = time.monotonic() + self._acquire_timeout_s
        with self._changed:
            while not self._closed and self._busy >= self._bound:
                if not self._changed.wait(deadline - time.monotonic()):
                    break
            if self._closed:
                raise PermanentStoreError("The store is closed.")
            if self._busy >= self._bound:
                raise RetryableStoreError(
                    f"All {self._bound} store handles were busy for {self._acquire_timeout_s:g} s; "
                    "try again, or raise ANSWERABLE_STORE_HANDLES."
                )
            self._busy += 1
            if self._idle:
                return self._idle.pop()
        try:
            return self._open()
        except BaseException:
            self._leave()
            raise

    def _give_back(self, client: Client) -> None:
        with self._changed:
            self._busy -= 1
            keep = not self._closed
            if keep:
                self._idle.append(client)
            self._changed.notify()
        if not keep:
            client.close()

    def _drop(self, client: Client) -> None:
        try:
            client.close()
        finally:
            self._leave()

    def _leave(self) -> None:
        with self._changed:
            self._busy -= 1
            self._changed.notify()
