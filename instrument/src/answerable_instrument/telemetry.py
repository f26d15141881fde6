"""The handle that ``configure()`` returns: flush, shut down, and what could not be set up."""

import contextlib
from collections.abc import Callable
from types import TracebackType
from typing import Any

from answerable_instrument.drain import Drain
from answerable_instrument.exporters import Watched
from answerable_instrument.targets import Target


class Pipeline:
    """One signal under way: how to flush it, close it, and cut it short."""

    def __init__(
        self, flush: Callable[[], object], close: Callable[[], object], exporter: Any
    ) -> None:
        self.flush = flush
        self.close = close
        self.exporter = exporter

    @property
    def lost(self) -> int:
        """Records the server did not take."""
        return self.exporter.lost if isinstance(self.exporter, Watched) else 0


class Telemetry:
    """What ``configure()`` set up; a context manager that shuts it down."""

    def __init__(
        self, target: Target, pipelines: tuple[Pipeline, ...], problems: tuple[str, ...]
    ) -> None:
        self.target = target
        self.problems = problems
        self._pipelines = pipelines
        self._drain = Drain() if pipelines else None
        self._open = True
        self._lost = 0

    @property
    def endpoint(self) -> str:
        """Where telemetry goes."""
        return self.target.endpoint

    @property
    def is_open(self) -> bool:
        """False after ``shutdown()``."""
        return self._open

    def flush(self, timeout_s: float = 5.0) -> bool:
        """Send what is queued, for at most ``timeout_s`` seconds.

        True when the server took everything that was queued since the last flush; what a full queue
        dropped before is only in the SDK's log.
        """
        if self._drain is None or not self._open:
            return False
        self._drain.start()
        return self._settled(self._drain.run(self._flush_all, timeout_s))

    def shutdown(self, timeout_s: float = 5.0) -> bool:
        """Send what is queued and stop; what is not sent within ``timeout_s`` seconds is lost."""
        if not self._open:
            return True
        self._open = False
        if self._drain is None:
            return True
        # At exit no thread can be started; a drain that a fork took away costs only the flush.
        with contextlib.suppress(RuntimeError):
            self._drain.start()
        finished = self._drain.run(self._close_all, timeout_s)
        if not finished:
            self._cut_short()
        return self._settled(finished)

    def __enter__(self) -> "Telemetry":
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.shutdown()

    def _flush_all(self) -> bool:
        flushed = True
        for pipeline in self._pipelines:
            flushed = pipeline.flush() is not False and flushed
        return flushed

    def _close_all(self) -> bool:
        for pipeline in self._pipelines:
            pipeline.close()
        return True

    def _cut_short(self) -> None:
        # Shutting the exporter down ends its retries, and with them the waiting worker threads.
        for pipeline in self._pipelines:
            pipeline.exporter.shutdown()

    def _settled(self, finished: bool) -> bool:
        if not finished:
            return False
        before, self._lost = self._lost, sum(pipeline.lost for pipeline in self._pipelines)
        return self._lost <= before
