"""Work that is done later: repeats of what failed, and signs of life of long calls."""

import heapq
import itertools
import os
import threading
import time
from collections.abc import Callable
from typing import Final

from answerable_instrument.guard import guarded, note, reason_of

_JOBS_MAX: Final = 1024

#: Returns the seconds until it wants to run again, or None when it is done.
Job = Callable[[], float | None]


class Background:
    """One daemon thread for everything; what is still waiting at exit is lost."""

    def __init__(self, jobs_max: int = _JOBS_MAX) -> None:
        self._jobs_max = jobs_max
        self._jobs: list[tuple[float, int, Job]] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._round = 0
        self._pid = os.getpid()

    @property
    def waiting(self) -> int:
        """How many jobs wait."""
        with self._changed:
            return len(self._jobs)

    def put(self, delay_s: float, job: Job) -> bool:
        """Run a job after a while; False, and counted, where too many wait already."""
        with self._changed:
            if self._pid != os.getpid():
                # What waits in the parent of a fork is done there.
                self._pid = os.getpid()
                self._jobs.clear()
            if len(self._jobs) >= self._jobs_max:
                note("too_many", "budget", "too much waits to be done later")
                return False
            self._push(delay_s, job)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._work, name="answerable-background", daemon=True
                )
                self._thread.start()
            self._changed.notify()
        return True

    def clear(self) -> None:
        """Forget what waits; a job that runs now does not run again."""
        with self._changed:
            self._round += 1
            self._jobs.clear()

    def _push(self, delay_s: float, job: Job) -> None:
        heapq.heappush(self._jobs, (time.monotonic() + delay_s, next(self._numbers), job))

    def _work(self) -> None:
        while True:
            job, begun = self._next()
            again: list[float | None] = []
            guarded(_report, lambda job=job, again=again: again.append(job()))  # type: ignore[misc]
            if again and again[0] is not None:
                with self._changed:
                    if begun == self._round:
                        self._push(again[0], job)
            # While it waits for the next job, nothing of the last one is held on to.
            del job

    def _next(self) -> tuple[Job, int]:
        with self._changed:
            while True:
                if not self._jobs:
                    self._changed.wait()
                    continue
                due = self._jobs[0][0] - time.monotonic()
                if due <= 0:
                    return heapq.heappop(self._jobs)[2], self._round
                self._changed.wait(due)


def _report(error: Exception) -> None:
    kind, reason = reason_of(error)
    note(kind, "background", reason)


#: Shared by the whole process.
BACKGROUND: Final = Background()
