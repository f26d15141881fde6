"""Run something slow in a helper thread and wait no longer than a bound."""

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from answerable_instrument.guard import guarded, note, reason_of

_QUEUE_JOBS_MAX = 4


@dataclass(slots=True)
class _Job:
    work: Callable[[], bool]
    done: threading.Event = field(default_factory=threading.Event)
    result: bool = False

    def run(self) -> None:
        self.result = self.work()


class Drain:
    """One daemon thread, started ahead: at exit Python refuses to start new ones.

    The SDK's ``force_flush`` ignores its timeout, so waiting for it needs a thread of its own.
    """

    def __init__(self) -> None:
        self._jobs: queue.Queue[_Job] = queue.Queue(_QUEUE_JOBS_MAX)
        self._thread: threading.Thread | None = None
        self.start()

    def start(self) -> None:
        """Start the thread where there is none, as after a fork."""
        if self._thread is None or not self._thread.is_alive():
            self._jobs = queue.Queue(_QUEUE_JOBS_MAX)
            self._thread = threading.Thread(target=self._work, name="answerable-drain", daemon=True)
            self._thread.start()

    def run(self, work: Callable[[], bool], timeout_s: float) -> bool:
        """Return what ``work`` returns; False when it raises or takes longer than the bound."""
        deadline = time.monotonic() + timeout_s
        job = _Job(work)
        try:
            self._jobs.put(job, timeout=max(0.0, timeout_s))
        except queue.Full:
            return False
        return job.done.wait(max(0.0, deadline - time.monotonic())) and job.result

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            guarded(_report, job.run)
            job.done.set()


def _report(error: Exception) -> None:
    kind, reason = reason_of(error)
    note(kind, "flush", reason)
