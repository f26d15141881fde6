"""Periods of a calendar: as people name them, and one after the other in a time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sql.errors import InvalidInputError
from web.window import LATEST_NS, SECOND_NS, Window

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR = re.compile(r"(\d{4})", re.ASCII)
_QUARTER = re.compile(r"(\d{4})-Q([1-4])", re.ASCII)
_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_WEEK = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)


class Every(StrEnum):
    """How often there is a new period."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of whole days.

    Parameters
    ----------
    name
        As it is written: 2026-11-23, 2026-W48, 2026-11, 2026-Q4 or 2026.
    first, after
        Its first day and the day after its last.
    """

    name: str
    first: date
    after: date

    def window(self, time_zone: str = "UTC") -> Window:
        """Give the time from midnight to midnight in a time zone."""
        zone = ZoneInfo(time_zone)
        return Window(_midnight_ns(self.first, zone), _midnight_ns(self.after, zone))


def named(text: str) -> Period:
    """Read a period.

    Raises
    ------
    InvalidInputError
        For what is none; it names the field `period`.

    >>> named("2028-02").after
    datetime.date(2028, 3, 1)
    """
    try:
        found = _read(text)
    except (ValueError, OverflowError):
        found = None
    if found is None or not 1970 <= found.first.year < 2100:
        raise InvalidInputError(
            f"period is {text!r}; write a month as 2026-11, a day as 2026-11-23, a week as "
            "2026-W48, a quarter as 2026-Q4 or a year as 2026.",
            field="period",
        )
    return found


def containing(every: Every, day: date) -> Period:
    """Give the period a day lies in."""
    if every is Every.DAILY:
        return named(day.isoformat())
    if every is Every.WEEKLY:
        year, week, _ = day.isocalendar()
        return named(f"{year:04d}-W{week:02d}")
    return named(f"{day:%Y-%m}")


def local_day(at_ns: int, time_zone: str) -> date:
    """Give the day that clocks in a time zone show."""
    return datetime.fromtimestamp(at_ns // SECOND_NS, ZoneInfo(time_zone)).date()


def _read(text: str) -> Period | None:
    if found := _DAY.fullmatch(text):
        first = date(*(int(part) for part in found.groups()))
        return Period(text, first, first + timedelta(days=1))
    if found := _WEEK.fullmatch(text):
        first = date.fromisocalendar(int(found[1]), int(found[2]), 1)
        return Period(text, first, first + timedelta(days=7))
    if found := _MONTH.fullmatch(text):
        return _months(text, date(int(found[1]), int(found[2]), 1), 1)
    if found := _QUARTER.fullmatch(text):
        return _months(text, date(int(found[1]), int(found[2]) * 3 - 2, 1), 3)
    if found := _YEAR.fullmatch(text):
        return _months(text, date(int(found[1]), 1, 1), 12)
    return None


def _months(text: str, first: date, months: int) -> Period:
    years, month = divmod(first.month - 1 + months, 12)
    return Period(text, first, first.replace(year=first.year + years, month=month + 1))


def _midnight_ns(day: date, zone: ZoneInfo) -> int:
    """Give a local midnight; where clocks skip it, the moment they skip to."""
    local = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    return min(LATEST_NS, max(0, (local - _EPOCH) // timedelta(seconds=1) * SECOND_NS))
