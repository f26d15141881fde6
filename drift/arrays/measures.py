"""What two samples side by side are measured by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Doubles = npt.NDArray[np.float64]
    Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Gap:
    """Where two distribution functions are farthest apart.

    Parameters
    ----------
    most
        n m (F - G) there, a whole number with its sign.
    at
        The number from which on they are.
    reference, current
        How many of each sample do not exceed it.
    """

    most: int
    at: float
    reference: int
    current: int


@dataclass(frozen=True, slots=True)
class Cut:
    """Two samples counted between the same edges.

    Parameters
    ----------
    edges
        Ascending and distinct, shape (k,).
    reference, current
        Shape (k + 1,): numbers up to the first edge, up to the next, ..., above the last.
    """

    edges: Doubles
    reference: Counts
    current: Counts


@dataclass(frozen=True, slots=True)
class Profile:
    """Two distribution functions along the line, stretch by stretch, in order.

    Parameters
    ----------
    reference, current
        Their mean on each stretch, shape (k,), from 0 to 1.
    widths
        Of the stretches, shape (k,).
    """

    reference: Doubles
    current: Doubles
    widths: Doubles
