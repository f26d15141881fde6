"""Calls that several spans report are counted once, with the evidence beside them.

An SDK and the gateway it calls, or two instrumentations of one client, each write a span for one
call. The provider's own id of the response gives them away. One of the spans keeps its charges:
one with a price before one without, then the one booked first. The others' are reversed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cost.recent import Recent
from web.window import SECOND_NS

if TYPE_CHECKING:
    from cost.parts import CostParts


class Doubles:
    """The job that takes back what was counted twice."""

    def __init__(self, parts: CostParts) -> None:
        self._store = parts.store
        self._settings = parts.settings
        self._recent = Recent(parts)

    @property
    def interval_s(self) -> float:
        """Seconds between two looks at what was booked."""
        return self._settings.usage_interval_s

    def run(self) -> None:
        """Look at everything booked since the run before."""
        near_ns = round(self._settings.double_window_s * SECOND_NS)
        with self._recent.next() as bounds:
            self._store.execute("cost/reverse_doubles", {**bounds.parameters, "near_ns": near_ns})
