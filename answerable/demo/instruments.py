"""The metrics a service keeps: a counter, a histogram, a gauge and an up-down counter."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.metrics import Meter

    Labels = Mapping[str, str | int]


class Instruments:
    """Metrics of one service.

    The SDK stamps measurements with the machine's time, so nothing is measured while the past
    is filled in: `live` is False until then.
    """

    def __init__(self, meter: Meter) -> None:
        self.live = False
        self._durations = meter.create_histogram(
            "http.server.request.duration", "s", "Duration of HTTP server requests."
        )
        self._tokens = meter.create_histogram(
            "gen_ai.client.token.usage", "{token}", "Tokens of one model call."
        )
        self._decisions = meter.create_counter(
            "demo.decisions", "{decision}", "Decisions by name and route."
        )
        self._waiting = meter.create_up_down_counter(
            "demo.reviews.waiting", "{review}", "Decisions that wait for a teacher."
        )
        self._quota = meter.create_gauge(
            "demo.gradebook.quota", "1", "Part of the gradebook's call quota that is left."
        )

    def request(self, seconds: float, labels: Labels) -> None:
        """Count a request served."""
        if self.live:
            self._durations.record(seconds, labels)

    def tokens(self, kind: str, count: int, labels: Labels) -> None:
        """Count the `input` or `output` tokens of a call."""
        if self.live:
            self._tokens.record(count, {**labels, "gen_ai.token.type": kind})

    def decision(self, labels: Labels) -> None:
        """Count a decision."""
        if self.live:
            self._decisions.add(1, labels)

    def waiting(self, change: int, labels: Labels) -> None:
        """Change the number of decisions that wait for a teacher."""
        if self.live:
            self._waiting.add(change, labels)

    def quota(self, left: float, labels: Labels) -> None:
        """Set the part of the quota that is left, 0 to 1."""
        if self.live:
            self._quota.set(left, labels)
