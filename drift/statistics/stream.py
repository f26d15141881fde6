"""One series in order, watched by a detector that takes one value at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from drift.statistics.floats import floats

if TYPE_CHECKING:
    import numpy.typing as npt


class Detector(Protocol):
    """Takes values in order and says after each whether the series has changed."""

    @property
    def drift_detected(self) -> bool:
        """Whether the last value raised an alarm."""
        ...

    def update(self, x: float) -> None:
        """Take one value."""
        ...


@dataclass(frozen=True, slots=True)
class Alarms:
    """What a detector said over a series.

    Parameters
    ----------
    n
        Values it took.
    left_out
        Values that were not a number.
    at
        Indices, among the values it took, that raised an alarm.
    """

    n: int
    left_out: int
    at: tuple[int, ...]

    def summary(self) -> dict[str, int | None]:
        """Return what of it a result keeps."""
        return {
            "alarms": len(self.at),
            "first_alarm": self.at[0] if self.at else None,
            "last_alarm": self.at[-1] if self.at else None,
            "left_out": self.left_out,
        }


def watched(detector: Detector, values: npt.ArrayLike) -> Alarms:
    """Give a series to a detector, value by value.

    Parameters
    ----------
    values
        Shape (n,). NaN is left out.

    Raises
    ------
    ValueError
        Another shape, no number, or an infinity.
    """
    series = floats(values, "values")
    if series.ndim != 1:
        raise ValueError(f"values must be one-dimensional, not of shape {series.shape}")
    kept = series[~np.isnan(series)]
    if not kept.size:
        raise ValueError(f"values has no number among {series.size}; send at least one")
    at = []
    for index, value in enumerate(kept.tolist()):
        detector.update(value)
        if detector.drift_detected:
            at.append(index)
    return Alarms(int(kept.size), int(series.size - kept.size), tuple(at))


def finite(x: float) -> float:
    """Return a value of a stream if it is finite.

    Raises
    ------
    ValueError
        It is not.
    """
    if not math.isfinite(x):
        raise ValueError(f"x must be finite, not {x}; leave the value out")
    return x
