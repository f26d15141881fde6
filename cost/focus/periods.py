"""Billing periods: months, when they close, and which bookings an export of one is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sql.errors import InvalidInputError
from web.window import DAY_NS, SECOND_NS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from web.window import Window

_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

#: Longest window one export covers.
WINDOW_DAYS_MAX = 366


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month in UTC, which is a billing period."""

    year: int
    month: int

    @property
    def start(self) -> datetime:
        """Its first moment."""
        return datetime(self.year, self.month, 1, tzinfo=UTC)

    @property
    def next(self) -> Month:
        """The month after."""
        return Month(self.year + 1, 1) if self.month == 12 else Month(self.year, self.month + 1)

    @property
    def previous(self) -> Month:
        """The month before."""
        return Month(self.year - 1, 12) if self.month == 1 else Month(self.year, self.month - 1)

    @property
    def start_ns(self) -> int:
        """Its first nanosecond since 1970."""
        return nanoseconds(self.start)

    @property
    def end_ns(self) -> int:
        """The first nanosecond after it."""
        return self.next.start_ns

    def closes_ns(self, close_days: int) -> int:
        """When nothing is added to it any more: bookings later than this are corrections."""
        return self.end_ns + close_days * DAY_NS


@dataclass(frozen=True, slots=True)
class Part:
    """One slice of an export: event times, and the bookings about them that belong to it.

    Parameters
    ----------
    closed_ns
        Bookings up to then belong to an earlier billing period; None for the original charges.
    """

    from_ns: int
    to_ns: int
    known_ns: int
    closed_ns: int | None
    billing: Month


def parse_month(text: str, now_ns: int) -> Month:
    """Read a billing period.

    Raises
    ------
    InvalidInputError
        For anything but a month from 1971 that has begun, written as 2026-11.
    """
    found = _MONTH.fullmatch(text)
    year, month = (int(found[1]), int(found[2])) if found else (0, 0)
    if not (1971 <= year <= 2099 and 1 <= month <= 12):
        raise InvalidInputError(f"period is {text!r}; write a month as 2026-11.", field="period")
    asked = Month(year, month)
    if asked.start_ns > now_ns:
        raise InvalidInputError(
            f"period {text} has not begun; use {month_of(now_ns).start:%Y-%m} or an earlier one.",
            field="period",
        )
    return asked


def month_of(ns: int) -> Month:
    """Give the month a moment lies in."""
    moment = _EPOCH + timedelta(seconds=ns // SECOND_NS)
    return Month(moment.year, moment.month)


def nanoseconds(moment: datetime) -> int:
    """Give a moment as nanoseconds since 1970."""
    return (moment - _EPOCH) // timedelta(seconds=1) * SECOND_NS


def parts_of_period(
    period: Month, known_ns: int, *, close_days: int, correction_months: int
) -> Iterator[Part]:
    """Cut a billing period: its charges by day, then corrections of periods closed before it.

    A closed period never changes: it is what was known when it closed.
    """
    known = min(known_ns, period.closes_ns(close_days))
    for day_ns in range(period.start_ns, period.end_ns, DAY_NS):
        yield Part(day_ns, day_ns + DAY_NS, known, None, period)
    closed = period.previous.closes_ns(close_days)
    if known <= closed:
        return
    month = period
    for _ in range(correction_months):
        month = month.previous
        yield Part(month.start_ns, month.end_ns, known, closed, period)


def parts_of_window(window: Window, known_ns: int, *, close_days: int) -> Iterator[Part]:
    """Cut a window of event time: every booking about it, in the period it belongs to."""
    for day_ns in range(window.from_ns, window.to_ns, DAY_NS):
        month = month_of(day_ns)
        yield Part(day_ns, day_ns + DAY_NS, min(known_ns, month.closes_ns(close_days)), None, month)
    month = month_of(window.from_ns)
    while month.start_ns < window.to_ns:
        yield from _later(month, window, known_ns, close_days)
        month = month.next


def _later(month: Month, window: Window, known_ns: int, close_days: int) -> Iterator[Part]:
    from_ns = max(window.from_ns, month.start_ns)
    to_ns = min(window.to_ns, month.end_ns)
    billing = month.next
    while (closed := billing.previous.closes_ns(close_days)) < known_ns:
        known = min(known_ns, billing.closes_ns(close_days))
        yield Part(from_ns, to_ns, known, closed, billing)
        billing = billing.next


def check_days(window: Window) -> None:
    """Refuse a window that is not whole UTC days, or too long."""
    for name, value in (("from", window.from_ns), ("to", window.to_ns)):
        if value % DAY_NS:
            raise InvalidInputError(
                f"{name} must be midnight UTC, as FOCUS rows here are days; "
                "write a date such as 2026-11-01.",
                field=name,
            )
    if window.to_ns - window.from_ns > WINDOW_DAYS_MAX * DAY_NS:
        raise InvalidInputError(
            f"from and to are more than {WINDOW_DAYS_MAX} days apart; export shorter windows.",
            field="to",
        )
