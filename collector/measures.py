"""What the pipeline tells its observer; the app factory turns it into Prometheus metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collector.models import Signal


class PipelineMeasures(Protocol):
    """Called on the event loop; must not block or raise."""

    def committed(self, signal: Signal, requests: int, items: int, seconds: float) -> None:
        """Count a group that is stored, from its journal write to the read-back."""
        ...

    def failed(self, what: str, error: Exception) -> None:
        """Note that an `insert` or a `tally` flush failed; it may be tried again."""
        ...
