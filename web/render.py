"""What leaves the service: times, ids and numbers as JSON clients in any language can read them."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import orjson
from fastapi import Response

from web.window import SECOND_NS

if TYPE_CHECKING:
    from decimal import Decimal

    from web.window import Window

#: Largest integer JavaScript holds exactly.
SAFE_INTEGER = 2**53 - 1


class Json(Response):
    """A JSON answer, written without going through the response model again."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Write `content`, which holds only what JSON has."""
        return orjson.dumps(content)


def timestamp(ns: int) -> str:
    """Write UTC nanoseconds as RFC 3339 with nine digits."""
    seconds, rest = divmod(ns, SECOND_NS)
    at = time.gmtime(seconds)
    return (
        f"{at.tm_year:04d}-{at.tm_mon:02d}-{at.tm_mday:02d}"
        f"T{at.tm_hour:02d}:{at.tm_min:02d}:{at.tm_sec:02d}.{rest:09d}Z"
    )


def interval(window: Window) -> dict[str, str]:
    """Write a window as every answer states it."""
    return {"from": timestamp(window.from_ns), "to": timestamp(window.to_ns)}


def hex_id(text: str) -> str | None:
    """Give an id in hex, or None for the zero bytes that mean there is none."""
    return text if text.strip("0") else None


def integer(value: int) -> int | str:
    """Give an integer, as text where a JavaScript client would round it."""
    return value if -SAFE_INTEGER <= value <= SAFE_INTEGER else str(value)


def double(value: float) -> float | str:
    """Give a double; JSON has no word for the three that are not finite."""
    if math.isfinite(value):
        return value
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def finite(value: float | None) -> float | None:
    """Give a double, or None where it is not a finite number."""
    return value if value is not None and math.isfinite(value) else None


def decimal(value: Decimal) -> str:
    """Write a quantity exactly, without trailing zeros or an exponent."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
