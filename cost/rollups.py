"""Sums by hour and by user and day: a block for everything booked since the block before.

A block counts once its watermark is published, after both its tables have it; one that a crash
left unpublished is never read, and the next covers its time. What was booked after the newest
block is read from the charges themselves, so a report is exact at any time: see the view
`charge_sums`. Blocks are few: one is made when many charges wait, or when they have waited long.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from web.window import SECOND_NS

if TYPE_CHECKING:
    from cost.parts import CostParts


#: A first block may hold years; beyond this the sums of one spill to disk.
_SPILL_BYTES = 2 << 30


@dataclass(frozen=True, slots=True)
class RollupState:
    """How far the sums go.

    Parameters
    ----------
    follows_ns, watermark_ns
        The newest published watermark and the next; UTC nanoseconds on the engine's clock.
    waiting
        Charges booked between them, resent ones included.
    oldest_ns
        When the first of them was booked.
    """

    follows_ns: int
    watermark_ns: int
    waiting: int
    oldest_ns: int


class Rollups:
    """The job that sums up charges."""

    def __init__(self, parts: CostParts) -> None:
        self._store = parts.store
        self._settings = parts.settings
        self._clock = parts.clock

    @property
    def interval_s(self) -> float:
        """Seconds between two looks at what waits."""
        return self._settings.rollup_interval_s

    def run(self) -> None:
        """Publish a block where one is due."""
        state = self.state()
        waited_s = (state.watermark_ns - state.oldest_ns) / SECOND_NS
        if state.waiting >= self._settings.rollup_rows_min or (
            state.waiting and waited_s >= self._settings.rollup_age_s
        ):
            self.publish(state)

    def state(self) -> RollupState:
        """Read what is summed up and what waits."""
        lag_ns = round(self._settings.rollup_lag_s * SECOND_NS)
        row = self._store.query("cost/rollup_state", {"lag_ns": lag_ns})[0]
        return RollupState(**row)

    def publish(self, state: RollupState) -> None:
        """Sum up everything that waits, whatever its number."""
        bounds = {"follows_ns": state.follows_ns, "watermark_ns": state.watermark_ns}
        spill = {"max_bytes_before_external_group_by": _SPILL_BYTES}
        self._store.execute("cost/rollup_hours", bounds, settings=spill)
        self._store.execute("cost/rollup_user_days", bounds, settings=spill)
        row = {
            "watermark": state.watermark_ns,
            "follows": state.follows_ns,
            "published_at": self._clock(),
            "charges": state.waiting,
        }
        self._store.insert("charge_watermarks", [row])
