"""Series over time: how long a bucket is, so that a window has no more than a chart can show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from web.window import SECOND_NS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from web.window import Window

#: Most buckets in an answer.
BUCKETS_MAX = 120

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_LENGTHS_S = (
    *(1, 2, 5, 10, 15, 30),
    *(_MINUTE * count for count in (1, 2, 5, 10, 15, 30)),
    *(_HOUR * count for count in (1, 2, 3, 6, 12)),
    *(_DAY * count for count in (1, 2, 7, 14, 28, 56, 91, 182, 364)),
)


def length_s(window: Window) -> int:
    """Give the shortest round length, in seconds, that keeps a window within the bound."""
    return next(
        (length for length in _LENGTHS_S if len(numbers(window, length)) <= BUCKETS_MAX),
        _LENGTHS_S[-1] * 2,
    )


def numbers(window: Window, length: int) -> range:
    """List the buckets a window touches, counted from 1970."""
    length_ns = length * SECOND_NS
    return range(window.from_ns // length_ns, (window.to_ns - 1) // length_ns + 1)


def starts(window: Window, length: int) -> Iterator[tuple[int, int]]:
    """Give every bucket's number and its start in nanoseconds."""
    return ((number, number * length * SECOND_NS) for number in numbers(window, length))
