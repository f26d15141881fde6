"""Turn Python values into OpenTelemetry attribute values, or say why not."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import PurePath
from typing import Any, Final
from uuid import UUID

from answerable_instrument.guard import UnfitError

Scalar = str | bool | int | float

_INT64_MIN: Final = -(2**63)
_INT64_MAX: Final = 2**63 - 1
_PLAIN: Final = (str, bool, int, float)


def clean_text(value: str, max_chars: int) -> str:
    """Cut to ``max_chars`` and replace lone surrogates; the same object when nothing changed.

    A lone surrogate cannot be encoded as UTF-8; one in a span name would cost the whole batch.
    """
    if len(value) > max_chars:
        value = value[:max_chars]
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace").decode()
    return value


def as_scalar(value: object) -> Scalar:
    """Keep the type of plain values; unwrap enums and NumPy scalars; refuse the rest."""
    kind = type(value)
    if kind is str or kind is float or kind is bool:
        # The plain cases come first: they are nearly all cases.
        return value  # type: ignore[return-value]  # The three exact types are Scalars.
    if isinstance(value, Enum):
        value = value.value
    elif not isinstance(value, _PLAIN):
        value = _unwrapped(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        if not _INT64_MIN <= value <= _INT64_MAX:
            raise UnfitError("value_range", "integer does not fit in 64 bits")
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str):
        return str.__str__(value)
    raise UnfitError("value_type", f"cannot record a {kind.__name__}")


def _unwrapped(value: object) -> object:
    item = getattr(value, "item", None)
    # NumPy, CuPy and Torch scalars have item(); arrays have it too, so ask for no dimensions.
    if callable(item) and getattr(value, "ndim", None) == 0:
        value = item()
    for types, convert in _CONVERSIONS:
        if isinstance(value, types):
            return convert(value)
    return value


_CONVERSIONS: Final[tuple[tuple[tuple[type, ...], Callable[[Any], Scalar]], ...]] = (
    ((Decimal, Fraction), float),
    ((date, datetime, time), lambda value: str(value.isoformat())),
    ((UUID, PurePath), str),
)


def as_vector(value: object, longest: int) -> list[float]:
    """Turn a sequence or a one-dimensional array of finite numbers into floats."""
    if isinstance(value, (str, bytes, Mapping)):
        raise UnfitError("value_type", f"cannot record a {type(value).__name__} as a vector")
    # NumPy, CuPy and Torch arrays have tolist(), which makes plain numbers at once.
    listed = getattr(value, "tolist", None)
    found = listed() if callable(listed) else value
    if not isinstance(found, Sequence):
        raise UnfitError("value_type", f"cannot record a {type(value).__name__} as a vector")
    if len(found) > longest:
        raise UnfitError("too_many", f"more than {longest} numbers")
    numbers = []
    for one in found:
        number = as_scalar(one)
        if isinstance(number, str) or not math.isfinite(number):
            raise UnfitError("value_range", "a vector holds finite numbers")
        numbers.append(float(number))
    if not numbers:
        raise UnfitError("value_range", "a vector is not empty")
    return numbers


def as_text(value: object) -> str:
    """Text of a scalar: names and versions are often numbers, dates or paths."""
    scalar = as_scalar(value)
    if isinstance(scalar, bool):
        return "true" if scalar else "false"
    return scalar if isinstance(scalar, str) else str(scalar)


def as_number(value: object) -> int | float:
    """Accept a finite number; booleans and numeric strings are refused."""
    scalar = as_scalar(value)
    if isinstance(scalar, (bool, str)):
        raise UnfitError("value_type", f"expected a number, not a {type(value).__name__}")
    if not math.isfinite(scalar):
        raise UnfitError("value_range", "expected a finite number")
    return scalar


def as_amount(value: object) -> int | float:
    """Accept a finite number that is not negative."""
    if type(value) is int and 0 <= value <= _INT64_MAX:
        return value
    number = as_number(value)
    if number < 0:
        raise UnfitError("value_range", "expected a number that is not negative")
    return number


def as_count(value: object) -> int:
    """Accept a whole number that is not negative; 12.0 counts as 12."""
    if type(value) is int and 0 <= value <= _INT64_MAX:
        return value
    number = as_amount(value)
    if number != int(number) or number > _INT64_MAX:
        raise UnfitError("value_range", "expected a whole number")
    return int(number)


def as_probability(value: object) -> float:
    """Accept a number from 0 to 1, both included."""
    if type(value) is float and 0.0 <= value <= 1.0:
        return value
    number = as_number(value)
    if not 0 <= number <= 1:
        raise UnfitError("value_range", "expected a number from 0 to 1")
    return float(number)
