"""Windows of a budget: days to years of a calendar in a time zone, or the time just past."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, Protocol, Self
from zoneinfo import ZoneInfo

from sql.errors import InvalidInputError

SECOND_NS = 1_000_000_000
HOUR_S = 3600

#: Money is summed up by quarters of an hour: every border of a calendar, in every time zone of
#: today, is one.
SLOT_NS = 900 * SECOND_NS

#: After every slot there will be.
LAST_SLOT = 2**31

DURATION_MIN_S = HOUR_S
DURATION_MAX_S = 366 * 24 * HOUR_S

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Span:
    """One window, resolved: slots from `start`, `end` not included."""

    start: int
    end: int
    resets_ns: int

    @property
    def from_ns(self) -> int:
        """Where it starts, UTC nanoseconds."""
        return self.start * SLOT_NS

    @property
    def to_ns(self) -> int | None:
        """Where it ends; None where it moves along with now."""
        return None if self.end == LAST_SLOT else self.end * SLOT_NS


class Window(Protocol):
    """Says over which time a budget is summed up."""

    def at(self, now_ns: int) -> Span:
        """Give the window that holds a time."""
        ...

    def body(self) -> dict[str, Any]:
        """Write it as JSON has it."""
        ...


class Period(StrEnum):
    """Lengths of a calendar window."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class CalendarWindow:
    """A day, week (from Monday), month, quarter or year, as clocks in a time zone show it."""

    period: Period
    time_zone: str

    def __post_init__(self) -> None:
        try:
            _zone(self.time_zone)
        except (KeyError, ValueError, OSError):
            raise InvalidInputError(
                f"window.time_zone is {self.time_zone!r}; use a name of the IANA list, such as "
                "Europe/Paris or UTC.",
                field="window.time_zone",
            ) from None

    def at(self, now_ns: int) -> Span:
        """Give the window that holds a time."""
        return _calendar(self.period, self.time_zone, now_ns // SLOT_NS)

    def body(self) -> dict[str, Any]:
        """Write it as JSON has it."""
        return {"kind": "calendar", "period": self.period.value, "time_zone": self.time_zone}


@dataclass(frozen=True, slots=True)
class RollingWindow:
    """The time just past; money leaves it by quarters of an hour, never too early."""

    duration_s: int

    def __post_init__(self) -> None:
        if not DURATION_MIN_S <= self.duration_s <= DURATION_MAX_S:
            raise InvalidInputError(
                f"window.duration_s is {self.duration_s}; use {DURATION_MIN_S} to "
                f"{DURATION_MAX_S}.",
                field="window.duration_s",
            )

    def at(self, now_ns: int) -> Span:
        """Give the window that ends with a time."""
        start = max(0, now_ns - self.duration_s * SECOND_NS) // SLOT_NS
        return Span(start, LAST_SLOT, (now_ns // SLOT_NS + 1) * SLOT_NS)

    def body(self) -> dict[str, Any]:
        """Write it as JSON has it."""
        return {"kind": "rolling", "duration_s": self.duration_s}

    @classmethod
    def from_body(cls, body: dict[str, Any]) -> Self:
        """Read what `body` wrote."""
        return cls(int(body["duration_s"]))


def read(body: dict[str, Any]) -> Window:
    """Read a window as `body` wrote it."""
    if body["kind"] == "rolling":
        return RollingWindow.from_body(body)
    return CalendarWindow(Period(body["period"]), str(body["time_zone"]))


def slot_of(at_ns: int) -> int:
    """Give the slot a time lies in."""
    return at_ns // SLOT_NS


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=4096)
def _calendar(period: Period, time_zone: str, slot: int) -> Span:
    zone = _zone(time_zone)
    now = datetime.fromtimestamp(slot * SLOT_NS // SECOND_NS, zone)
    first = now.replace(hour=0, minute=0, second=0, microsecond=0, fold=0, tzinfo=None)
    match period:
        case Period.DAY:
            after = first + timedelta(days=1)
        case Period.WEEK:
            first -= timedelta(days=first.weekday())
            after = first + timedelta(days=7)
        case Period.MONTH:
            first = first.replace(day=1)
            after = _months_after(first, 1)
        case Period.QUARTER:
            first = first.replace(month=(first.month - 1) // 3 * 3 + 1, day=1)
            after = _months_after(first, 3)
        case Period.YEAR:
            first = first.replace(month=1, day=1)
            after = first.replace(year=first.year + 1)
    start, end = _slot_at(first, zone), _slot_at(after, zone)
    return Span(start, end, end * SLOT_NS)


def _months_after(first: datetime, months: int) -> datetime:
    years, month = divmod(first.month - 1 + months, 12)
    return first.replace(year=first.year + years, month=month + 1)


def _slot_at(local: datetime, zone: ZoneInfo) -> int:
    """Give the slot of a local midnight; where clocks skip it, of the moment they skip to."""
    at = local.replace(tzinfo=zone).astimezone(UTC)
    return (at - _EPOCH) // timedelta(seconds=900)
