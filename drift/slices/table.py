"""What a search runs over: columns as predicates, each counted, with its bitmap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from drift.slices.bitmaps import Bitmaps, Errors, errors_of, packed
from drift.slices.lattice import Slices
from drift.slices.predicates import Predicate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drift.slices.columns import Column

#: Rows of a table at most: a slice is counted with 32 bits.
ROWS_MAX = 2**31


@dataclass(frozen=True, slots=True)
class Table:
    """Predicates with enough rows, and errors.

    Parameters
    ----------
    feature_of
        Shape (l,): number of the column each predicate is of.
    basic
        Every predicate as a slice.
    """

    rows: int
    support: int
    predicates: tuple[Predicate, ...]
    feature_of: npt.NDArray[np.int32]
    basic: Slices
    errors: Errors
    bitmaps: Bitmaps


def table(columns: Sequence[Column], errors: npt.ArrayLike, *, support: int) -> Table:
    """Count every condition of every column; keep those with `support` rows and any error.

    A condition that all rows meet is left out: it says nothing.

    Raises
    ------
    ValueError
        For errors that are not finite or below 0, and for columns of another length.
    """
    held = errors_of(errors)
    rows = len(held.units)
    if rows >= ROWS_MAX:
        raise ValueError(f"errors has {rows} rows; use fewer than {ROWS_MAX}.")
    counted = [_kept(number, one, held, support) for number, one in enumerate(columns)]
    kept = [(number, code, *facts) for number, part in enumerate(counted) for code, *facts in part]
    masks = (columns[number].codes == code for number, code, *_ in kept)
    facts = np.array([one[2:] for one in kept], dtype=np.int64).reshape(-1, 3)
    return Table(
        rows,
        support,
        tuple(columns[number].predicates[code] for number, code, *_ in kept),
        np.array([number for number, *_ in kept], dtype=np.int32),
        Slices(
            np.arange(len(kept), dtype=np.int32)[:, None],
            *(np.ascontiguousarray(facts[:, at]) for at in range(3)),
        ),
        held,
        Bitmaps(packed(masks), held.bitmaps()),
    )


def _kept(
    number: int, one: Column, errors: Errors, support: int
) -> list[tuple[int, int, int, int]]:
    """Give code, rows, error and greatest error of each condition worth trying."""
    if len(one.codes) != len(errors.units):
        raise ValueError(
            f"column {number} ({one.feature}) has {len(one.codes)} rows and errors "
            f"{len(errors.units)}; give as many."
        )
    length = len(one.predicates)
    met = one.codes >= 0
    codes, units = one.codes[met], errors.units[met]
    sizes = np.bincount(codes, minlength=length)
    # Sums of doubles are exact below 2**53, which 2**29 rows of 24 digits stay under.
    sums = np.bincount(codes, weights=units, minlength=length).astype(np.int64)
    worst = np.zeros(length, dtype=np.int64)
    np.maximum.at(worst, codes, units)
    chosen = (sizes >= support) & (sums > 0) & (sizes < len(errors.units))
    return [
        (code, int(sizes[code]), int(sums[code]), int(worst[code]))
        for code in np.flatnonzero(chosen).tolist()
    ]
