"""Windows of time as callers write them: RFC 3339, unix time, or relative to now."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sql.errors import InvalidInputError

SECOND_NS = 1_000_000_000
HOUR_NS = 3600 * SECOND_NS
DAY_NS = 24 * HOUR_NS

#: Latest time taken, 2100-01-01T00:00:00Z: the store's hours are 32-bit seconds.
LATEST_NS = 4_102_444_800 * SECOND_NS

#: Integers below are seconds, at or above nanoseconds; what lies between would be in neither.
_SECONDS_BELOW = 10**11
_NANOSECONDS_FROM = 10**17

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS_NS = {
    "ms": 1_000_000,
    "s": SECOND_NS,
    "m": 60 * SECOND_NS,
    "h": HOUR_NS,
    "d": DAY_NS,
    "w": 7 * DAY_NS,
}
_RELATIVE = re.compile(r"([+-])(\d{1,9})(ms|s|m|h|d|w)", re.ASCII)
_INTEGER = re.compile(r"\d{1,20}", re.ASCII)
_DATE_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})"
    r"(?:[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|z|[+-]\d{2}:\d{2})?)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Window:
    """Nanoseconds since 1970, UTC; the end is not included."""

    from_ns: int
    to_ns: int


def parse(from_text: str, to_text: str, now_ns: int) -> Window:
    """Read the two ends of a window.

    Raises
    ------
    InvalidInputError
        Names `from` or `to`, for a time that cannot be read and for an empty window.
    """
    window = Window(instant(from_text, now_ns, "from"), instant(to_text, now_ns, "to"))
    if window.from_ns >= window.to_ns:
        raise InvalidInputError(
            f"from ({from_text}) must be earlier than to ({to_text}).", field="from"
        )
    return window


def instant(text: str, now_ns: int, field: str) -> int:
    """Read one time as nanoseconds since 1970, UTC."""
    # A plus sign that was not escaped in a URL arrives as a space.
    text = re.sub(r"^ (?=\d)| (?=\d{2}:\d{2}$)", "+", text)
    found = _relative(text, now_ns)
    if found is None:
        found = _integer(text, field)
    if found is None:
        found = _date_time(text, field)
    if found is None:
        raise InvalidInputError(
            f"{field} is {text!r}; write RFC 3339 (2026-11-23T22:00:00Z), unix seconds or "
            "nanoseconds, a time relative to now (-15m, -1h, -7d), or now.",
            field=field,
        )
    if not 0 <= found <= LATEST_NS:
        raise InvalidInputError(f"{field} is {text!r}; use a time from 1970 to 2100.", field=field)
    return found


def _relative(text: str, now_ns: int) -> int | None:
    if text == "now":
        return now_ns
    found = _RELATIVE.fullmatch(text)
    if not found:
        return None
    sign, amount, unit = found.groups()
    offset = int(amount) * _UNITS_NS[unit]
    return max(0, now_ns - offset) if sign == "-" else now_ns + offset


def _integer(text: str, field: str) -> int | None:
    if not _INTEGER.fullmatch(text):
        return None
    number = int(text)
    if number < _SECONDS_BELOW:
        return number * SECOND_NS
    if number >= _NANOSECONDS_FROM:
        return number
    raise InvalidInputError(
        f"{field} is {text}, neither unix seconds nor nanoseconds; milliseconds are not taken.",
        field=field,
    )


def _date_time(text: str, field: str) -> int | None:
    """Read RFC 3339; a date alone is its midnight, and a time without an offset is UTC."""
    found = _DATE_TIME.fullmatch(text)
    if not found:
        return None
    date, time, fraction, offset = found.groups()
    zone = "+00:00" if (offset or "Z") in "Zz" else offset
    try:
        moment = datetime.fromisoformat(f"{date}T{time or '00:00:00'}{zone}")
    except ValueError as error:
        raise InvalidInputError(f"{field} is {text!r}: {error}.", field=field) from None
    seconds = (moment - _EPOCH) // timedelta(seconds=1)
    return seconds * SECOND_NS + int((fraction or "0").ljust(9, "0"))
