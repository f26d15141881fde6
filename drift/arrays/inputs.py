"""What engines ask of their input, and what they assert of their output."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from drift.codes import CELLS_MAX

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from drift.arrays.protocol import Codes, Counts, Doubles, Floats, Ids, Marks, Members

FLOATS = (np.dtype(np.float32), np.dtype(np.float64))


def codes_checked(codes: Codes) -> Codes:
    """Check codes of shape (f, n)."""
    if codes.ndim != 2 or codes.dtype != np.uint8:
        raise ValueError(
            f"codes has shape {codes.shape} of {codes.dtype}; give (features, decisions) of uint8"
        )
    return codes if codes.flags.c_contiguous else codes.copy(order="C")


def numbers_checked(values: Floats, name: str) -> Floats:
    """Check numbers of shape (f, n)."""
    if values.ndim != 2 or values.dtype not in FLOATS:
        raise ValueError(
            f"{name} has shape {values.shape} of {values.dtype}; "
            "give two dimensions of float32 or float64"
        )
    return values if values.flags.c_contiguous else values.copy(order="C")


def edges_checked(edges: Sequence[npt.ArrayLike], features: int) -> Doubles:
    """Check edges, one row a feature, and fill their rows up with infinity, which no x exceeds."""
    rows = [np.asarray(row, dtype=np.float64) for row in edges]
    if len(rows) != features:
        raise ValueError(f"edges are of {len(rows)} features; give them for {features}")
    for place, row in enumerate(rows):
        if row.ndim != 1 or row.size >= CELLS_MAX:
            raise ValueError(
                f"edges[{place}] has shape {row.shape}; give one dimension, at most {CELLS_MAX - 1}"
            )
        if np.isnan(row).any() or (np.diff(row) <= 0).any():
            raise ValueError(f"edges[{place}] do not ascend; give them sorted and distinct")
    filled = np.full((features, max((row.size for row in rows), default=0)), np.inf)
    for into, row in zip(filled, rows, strict=True):
        into[: row.size] = row
    return filled


def slices_checked(slices: Ids | None, decisions: int, slice_count: int) -> Ids | None:
    """Check the slice of each decision."""
    if slice_count < 1:
        raise ValueError(f"slice_count is {slice_count}; give 1 or more")
    if slices is None:
        return None
    if slices.shape != (decisions,) or slices.dtype.kind not in "iu":
        raise ValueError(
            f"slices has shape {slices.shape} of {slices.dtype}; "
            f"give a whole number for each of {decisions} decisions"
        )
    if slices.size and not 0 <= int(slices.min()) <= int(slices.max()) < slice_count:
        raise ValueError(
            f"slices go from {slices.min()} to {slices.max()}; give 0 to {slice_count - 1}"
        )
    return slices


def marks_checked(rows: Floats, marks: Marks, gamma: float) -> None:
    """Check what a kernel is summed over."""
    numbers_checked(rows, "rows")
    if not np.isfinite(rows).all():
        raise ValueError("rows hold NaN or infinities; leave those rows out")
    if marks.ndim != 2 or marks.shape[0] != rows.shape[0] or marks.dtype != np.uint8:
        raise ValueError(
            f"marks has shape {marks.shape} of {marks.dtype}; give ({rows.shape[0]}, p) of uint8"
        )
    if marks.size and int(marks.max()) > 1:
        raise ValueError(f"marks hold {marks.max()}; give 0 and 1")
    if not gamma > 0:
        raise ValueError(f"gamma is {gamma}; give a number above 0")


def members_checked(members: Members, errors: Doubles) -> None:
    """Check conditions and the errors of their rows."""
    if members.ndim != 2 or members.dtype != np.bool_:
        raise ValueError(
            f"members has shape {members.shape} of {members.dtype}; give (rows, conditions) of bool"
        )
    if errors.shape != (members.shape[0],):
        raise ValueError(f"errors has shape {errors.shape}; give one for each row of members")
    if not (np.isfinite(errors).all() and (errors >= 0).all()):
        raise ValueError("errors hold NaN, infinities or numbers below 0; give finite ones from 0")


def counts_verified(counts: Counts, values: int) -> Counts:
    """Assert that nothing was lost or counted twice: engines have done both.

    Raises
    ------
    ArithmeticError
        The counts of a feature do not add up to the number of its values.
    """
    sums = counts.sum(axis=(1, 2))
    if (sums != values).any():
        wrong = int((sums != values).argmax())
        raise ArithmeticError(f"feature {wrong}: {values} values counted as {sums[wrong]}")
    return counts
