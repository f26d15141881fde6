"""What was booked since a job's run before; after a start, what was booked in the last days."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from web.window import SECOND_NS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cost.parts import CostParts


#: Spans may be dated up to a day ahead.
_AHEAD_NS = 86_400 * SECOND_NS


@dataclass(frozen=True, slots=True)
class Bounds:
    """Which charges to look at: by when they were booked, and by when they happened.

    Parameters
    ----------
    booked_from_ns, booked_to_ns, from_ns, to_ns
        UTC nanoseconds; the ends are not included.
    """

    booked_from_ns: int
    booked_to_ns: int
    from_ns: int
    to_ns: int

    @property
    def parameters(self) -> dict[str, int]:
        """The bounds as queries name them."""
        return {
            "booked_from_ns": self.booked_from_ns,
            "booked_to_ns": self.booked_to_ns,
            "from_ns": self.from_ns,
            "to_ns": self.to_ns,
        }


class Recent:
    """Hands out bounds that follow each other without a gap.

    Parameters
    ----------
    delay_s
        Seconds that have to pass before a charge is looked at.
    """

    def __init__(self, parts: CostParts, delay_s: float = 0.0) -> None:
        settings = parts.settings
        self._clock = parts.clock
        self._delay_ns = round(delay_s * SECOND_NS)
        self._lookback_ns = round(settings.usage_lookback_s * SECOND_NS)
        # What an insert under way has dated already may be seen only after it.
        self._overlap_ns = round(settings.rollup_lag_s * SECOND_NS)
        self._next_ns: int | None = None

    @contextmanager
    def next(self) -> Iterator[Bounds]:
        """Give the next bounds; they are given again when the work fails."""
        now = self._clock()
        booked_to_ns = now - self._delay_ns
        start = booked_to_ns - self._lookback_ns if self._next_ns is None else self._next_ns
        yield Bounds(
            max(0, start - self._overlap_ns),
            booked_to_ns,
            max(0, start - self._lookback_ns),
            now + _AHEAD_NS,
        )
        self._next_ns = booked_to_ns
