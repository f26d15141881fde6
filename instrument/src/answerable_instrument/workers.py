"""A few threads that wait for the network in place of an event loop."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Final

_THREADS_MAX: Final = 8


class Workers:
    """A pool that is made when it is first needed, and again after a fork."""

    def __init__(self, threads_max: int = _THREADS_MAX) -> None:
        self._threads_max = threads_max
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._pid = 0

    def pool(self) -> ThreadPoolExecutor:
        """Return the pool of this process."""
        with self._lock:
            if self._pool is None or self._pid != os.getpid():
                # The threads of a pool do not survive a fork; what it believes about them does.
                self._pid = os.getpid()
                self._pool = ThreadPoolExecutor(self._threads_max, "answerable-budget")
            return self._pool


#: Shared by the whole process.
WORKERS: Final = Workers()
