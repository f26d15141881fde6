"""Numbers and times in human units; pure functions, the same text on every page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECOND_NS = 1_000_000_000
_DURATIONS = ((_SECOND_NS, "s"), (1_000_000, "ms"), (1_000, "µs"), (1, "ns"))
_COUNTS = ((1_000_000_000_000, "T"), (1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k"))
_BYTES = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))

_MARKUP = frozenset("\\`*_{}[]()#+-.!|~<>$:&")

#: Stands where a value is absent.
ABSENT = "\u2013"


def duration(ns: int | None) -> str:
    """Write nanoseconds as `850 ns`, `12.3 ms`, `4.56 s`, `3 min 20 s` or `3 d 4 h`."""
    if ns is None:
        return ABSENT
    if ns < 0:
        return f"-{duration(-ns)}"
    if ns >= 60 * _SECOND_NS:
        return _long_duration(round(ns / _SECOND_NS))
    for size, unit in _DURATIONS:
        # The lower unit would round up to 1000 just below its own bound.
        if ns >= size * 0.9995:
            return f"{_significant(ns / size)} {unit}"
    return "0 ns"


def _long_duration(seconds: int) -> str:
    parts = []
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        amount, seconds = divmod(seconds, size)
        if amount:
            parts.append((f"{amount} {unit}", size))
    first, size = parts[0]
    # Only the next smaller unit says more: "3 d 4 s" would claim a precision nobody reads.
    follows = [text for text, other in parts[1:2] if size // other <= 60]
    return " ".join([first, *follows])


def count(value: float | None) -> str:
    """Write a count as `0`, `9,999`, `12.3 k`, `4.56 M`."""
    if value is None:
        return ABSENT
    if value < 0:
        return f"-{count(-value)}"
    if value < 10_000:
        return f"{value:,.0f}"
    return _scaled(value, _COUNTS)


def exact(value: int | None) -> str:
    """Write a count in full with thousands separators."""
    return ABSENT if value is None else f"{value:,d}"


def size(octets: int | None) -> str:
    """Write bytes in binary units: `512 B`, `1.5 KiB`, `3.2 GiB`."""
    if octets is None:
        return ABSENT
    if octets < 0:
        return f"-{size(-octets)}"
    return f"{octets} B" if octets < 1024 else _scaled(octets, _BYTES)


def share(part: int, whole: int) -> str:
    """Write a part of a whole in per cent; a share too small to show never reads as zero."""
    if whole <= 0:
        return ABSENT
    percent = 100 * part / whole
    if part and percent < 0.01:
        return "< 0.01 %"
    if part < whole and percent > 99.99:
        return "> 99.99 %"
    return f"{percent:.2f} %" if percent < 10 else f"{percent:.1f} %"


def confidence(value: float | None) -> str:
    """Write a confidence of 0 to 1 with two digits, or that none was recorded."""
    return "not recorded" if value is None else f"{value:.2f}"


def number(value: float) -> str:
    """Write a feature value, short and without false digits."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"


def parse_time(text: str) -> datetime:
    """Read RFC 3339; digits below the microsecond are dropped.

    Raises
    ------
    ValueError
        When `text` is not a time with a zone.
    """
    head, dot, tail = text.strip().replace("Z", "+00:00").partition(".")
    if dot:
        digits = tail[: len(tail) - len(tail.lstrip("0123456789"))]
        head += f".{digits[:6]:0<6}{tail[len(digits) :]}"
    when = datetime.fromisoformat(head)
    if when.tzinfo is None:
        message = f"time {text!r} lacks a zone"
        raise ValueError(message)
    return when.astimezone(UTC)


def time_ns(text: str) -> int:
    """Read RFC 3339 as Unix nanoseconds, every digit kept."""
    whole, dot, tail = text.partition(".")
    digits = tail[: len(tail) - len(tail.lstrip("0123456789"))]
    seconds = parse_time(whole + tail[len(digits) :] if dot else text)
    return int(seconds.timestamp()) * _SECOND_NS + int(f"{digits[:9]:0<9}" if dot else 0)


def clock(text: str | None) -> str:
    """Write an API time as `2026-11-23 22:00:00.123`, UTC."""
    if not text:
        return ABSENT
    return parse_time(text).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def minute(text: str | None) -> str:
    """Write an API time to the second, UTC, for captions."""
    return parse_time(text).strftime("%Y-%m-%d %H:%M:%S") if text else ABSENT


def between(start: str, end: str) -> str:
    """Write a stretch of time; the second date only where it differs from the first."""
    first, last = minute(start), minute(end)
    same_day = first[:10] == last[:10]
    return f"{first} to {last[11:] if same_day else last} UTC"


def ago(then: datetime, now: datetime) -> str:
    """Say how long before `now` something happened: `just now`, `12 s ago`, `3 min 5 s ago`."""
    gap = now - then
    if gap < timedelta(seconds=1):
        return "just now"
    seconds = int(gap.total_seconds())
    return f"{seconds} s ago" if seconds < 60 else f"{_long_duration(seconds)} ago"


def version(thing: Mapping[str, Any] | None) -> str:
    """Write a model, prompt or policy as `name version`, or that none was recorded."""
    parts = [str(thing.get(part) or "") for part in ("name", "version")] if thing else []
    return " ".join(part for part in parts if part) or "not recorded"


def value(item: Any) -> str:
    """Write an attribute value: strings bare, everything else as JSON."""
    if isinstance(item, str):
        return item
    return orjson.dumps(item, option=orjson.OPT_SORT_KEYS, default=str).decode()


def shorten(text: str, length: int) -> str:
    """Cut to `length` characters, the last one an ellipsis when something was lost."""
    return text if len(text) <= length else text[: max(length - 1, 0)] + "…"


def plain(text: str) -> str:
    """Escape text for a place that reads Markdown."""
    return "".join(f"\\{char}" if char in _MARKUP else char for char in text)


def _scaled(amount: float, units: tuple[tuple[int, str], ...]) -> str:
    for scale, unit in units:
        if amount >= scale * 0.9995:
            return f"{_significant(amount / scale)} {unit}"
    scale, unit = units[-1]
    return f"{_significant(amount / scale)} {unit}"


def _significant(amount: float) -> str:
    """Three significant digits without an exponent."""
    if amount >= 100:
        return f"{amount:,.0f}"
    digits = 1 if amount >= 10 else 2
    return f"{amount:.{digits}f}".rstrip("0").rstrip(".")
