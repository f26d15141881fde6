"""Rows as bits: which rows a predicate holds for, and their errors, a bitmap a binary digit.

A slice is the AND of its predicates' bitmaps, its size a count of bits, and its error a count of
bits for each digit. Sums are integers, so every engine gives the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterable

    Words = npt.NDArray[np.uint64]

#: Digits an error is kept with where errors are not all alike: it is off by at most 2**-25 of the
#: greatest.
DIGITS = 24


@dataclass(frozen=True, slots=True)
class Bitmaps:
    """What a search reads.

    Parameters
    ----------
    predicates
        Shape (l, w): a row a predicate, 64 rows of the table a word.
    digits
        Shape (d, w): the errors' binary digits, the least first.
    """

    predicates: Words
    digits: Words


@dataclass(frozen=True, slots=True)
class Errors:
    """Errors as integers.

    Parameters
    ----------
    units
        Shape (n,).
    unit
        What one of them is worth.
    digits
        Binary digits of the greatest.
    """

    units: npt.NDArray[np.int64]
    unit: float
    digits: int

    @property
    def total(self) -> int:
        """Their sum."""
        return int(self.units.sum())

    def bitmaps(self) -> Words:
        """Give the digits, shape (`digits`, w)."""
        return packed(((self.units >> digit) & 1).astype(bool) for digit in range(self.digits))


def errors_of(values: npt.ArrayLike) -> Errors:
    """Write errors as integers, exactly where they are all 0 or one other value.

    Raises
    ------
    ValueError
        For errors below 0 or not finite.

    Examples
    --------
    >>> errors_of([0.0, 2.0, 2.0]).units.tolist()
    [0, 1, 1]
    """
    errors = np.asarray(values, dtype=np.float64)
    if not np.isfinite(errors).all() or (errors < 0).any():
        raise ValueError("errors has values below 0 or not finite; leave those rows out.")
    greatest = float(errors.max(initial=0.0))
    if greatest == 0 or np.isin(errors, (0.0, greatest)).all():
        return Errors((errors > 0).astype(np.int64), greatest or 1.0, 1)
    unit = greatest / (2**DIGITS - 1)
    return Errors(np.rint(errors / unit).astype(np.int64), unit, DIGITS)


def packed(masks: Iterable[npt.NDArray[np.bool_]]) -> Words:
    """Pack masks of n rows each, shape (number of masks, ceil(n / 64))."""
    rows = []
    for mask in masks:
        octets = np.packbits(mask, bitorder="little")
        rows.append(np.pad(octets, (0, -len(octets) % 8)).view(np.uint64))
    return np.stack(rows) if rows else np.zeros((0, 0), dtype=np.uint64)
