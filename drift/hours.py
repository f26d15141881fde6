"""Whole hours, which is what is counted: bounds of windows, and where seasons lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from web.window import HOUR_NS, SECOND_NS

if TYPE_CHECKING:
    from drift.reference import Baseline

HOUR_S = 3600
DAY_S = 24 * HOUR_S
WEEK_S = 7 * DAY_S


@dataclass(frozen=True, slots=True)
class Hours:
    """A stretch of whole hours.

    Parameters
    ----------
    from_s, to_s
        Seconds since 1970, UTC; the end is not included.
    only
        Starts of the hours in it that count; empty for all of them.
    """

    from_s: int
    to_s: int
    only: tuple[int, ...] = ()

    @classmethod
    def around(cls, start_ns: int, end_ns: int) -> Hours:
        """Give the least whole hours that hold a window.

        Examples
        --------
        >>> Hours.around(1, 3600 * 10**9 + 1)
        Hours(from_s=0, to_s=7200, only=())
        """
        return cls(start_ns // HOUR_NS * HOUR_S, -(-end_ns // HOUR_NS) * HOUR_S)

    @property
    def from_ns(self) -> int:
        """Start, UTC nanoseconds."""
        return self.from_s * SECOND_NS

    @property
    def to_ns(self) -> int:
        """End, UTC nanoseconds."""
        return self.to_s * SECOND_NS

    def before(self, days: int) -> Hours:
        """Give the days that end where this begins."""
        return Hours(max(0, self.from_s - days * DAY_S), self.from_s)

    def seasons(self, weeks: int) -> Hours:
        """Give the same hours of the week in each of the weeks before.

        Of a window longer than a week only what lies before its start counts.

        Examples
        --------
        >>> Hours(WEEK_S * 3, WEEK_S * 3 + 3600).seasons(2).only == (WEEK_S, WEEK_S * 2)
        True
        """
        starts = {
            hour - week * WEEK_S
            for hour in range(self.from_s, self.to_s, HOUR_S)
            for week in range(1, weeks + 1)
        }
        only = tuple(sorted(start for start in starts if 0 <= start < self.from_s))
        if not only:
            return Hours(self.from_s, self.from_s)
        return Hours(only[0], only[-1] + HOUR_S, only)

    def compared_with(self, baseline: Baseline) -> Hours:
        """Give the past a moving baseline reads for this window."""
        if baseline.kind == "seasonal":
            return self.seasons(baseline.weeks or 1)
        return self.before(baseline.days or 1)
