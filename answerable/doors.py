"""The door to the pipeline, with the refusals counted on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from answerable.metrics import ServiceMetrics
    from collector.models import Door, Receipt, Signal, Submission


class CountingDoor:
    """Implements `collector.models.Door` on top of another one."""

    def __init__(self, door: Door, metrics: ServiceMetrics) -> None:
        self._door = door
        self._metrics = metrics

    async def submit(self, submission: Submission) -> Receipt:
        """Hand it on."""
        return await self._door.submit(submission)

    def refuse(self, signal: Signal, tenant: str, reason: str, *, wire_bytes: int) -> None:
        """Count it and hand it on."""
        self._metrics.rejected(signal, reason)
        self._door.refuse(signal, tenant, reason, wire_bytes=wire_bytes)
