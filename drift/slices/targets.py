"""What a search looks for, as an error of every row: wrong, unsure, or newly come."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from drift.slices.rows import Rows

Floats = npt.NDArray[np.float64]


class Target(StrEnum):
    """What is high in the slices that are looked for.

    error: the share of decisions their label contradicts. low_confidence: 1 less confidence.
    drift: the share of decisions of the window among those of window and reference.
    """

    ERROR = "error"
    LOW_CONFIDENCE = "low_confidence"
    DRIFT = "drift"


@dataclass(frozen=True, slots=True)
class Aim:
    """Rows that count, and the error of each.

    Parameters
    ----------
    kept
        Shape (n,): whether a row counts.
    errors
        Shape (number kept,).
    left_out
        Rows that do not count, with a confidence that is no probability.
    """

    kept: npt.NDArray[np.bool_]
    errors: Floats
    left_out: int


def wrong(rows: Rows) -> Aim:
    """Count decisions that turned out wrong."""
    kept = ~np.isnan(rows.wrong)
    return Aim(kept, rows.wrong[kept], int(np.count_nonzero(~kept)))


def unsure(rows: Rows) -> Aim:
    """Count what is missing to certainty."""
    kept = is_probability(rows.confidence)
    return Aim(kept, 1.0 - rows.confidence[kept], int(np.count_nonzero(~kept)))


def newly_come(reference: int, current: int) -> Aim:
    """Count rows of the window, which follow those of the reference."""
    errors = np.concatenate([np.zeros(reference), np.ones(current)])
    return Aim(np.ones(len(errors), dtype=bool), errors, 0)


def is_probability(values: Floats) -> npt.NDArray[np.bool_]:
    """Say which values lie from 0 to 1; not a number does not."""
    with np.errstate(invalid="ignore"):
        return np.asarray((values >= 0) & (values <= 1))
