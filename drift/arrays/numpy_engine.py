"""The engine of the processor: vectorised NumPy, on several threads at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import local
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from drift.arrays import tiles
from drift.arrays.buffers import Buffers
from drift.arrays.coder import Coder
from drift.arrays.inputs import (
    codes_checked,
    counts_verified,
    edges_checked,
    marks_checked,
    members_checked,
    numbers_checked,
    slices_checked,
)
from drift.arrays.pooled import Pooled
from drift.arrays.protocol import Distances, KernelSums, Pairs
from drift.codes import CODES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy.typing as npt

    from drift.arrays.protocol import Codes, Counts, Doubles, Floats, Ids, Marks, Members

    T = TypeVar("T")
    R = TypeVar("R")

#: Rows of a tile of the kernel matrix, and of conditions multiplied at a time.
TILE_ROWS = 1024
PAIR_ROWS = 16_384


class NumpyEngine:
    """Computes on the processor.

    Parameters
    ----------
    threads
        How many features are worked on at a time; NumPy lets go of the interpreter's lock in its
        long loops.

    Examples
    --------
    >>> import numpy as np
    >>> engine = NumpyEngine()
    >>> counts = engine.count_numbers(np.array([[0.0, 1.0, np.nan]]), [[0.5]])
    >>> counts[0, 0, [0, 1, 252]].tolist()
    [1, 1, 1]
    """

    def __init__(self, threads: int = 1) -> None:
        if threads < 1:
            raise ValueError(f"threads is {threads}; give 1 or more")
        self._threads = threads
        self._local = local()

    @property
    def name(self) -> str:
        """What results say made them."""
        return "numpy"

    def count_codes(self, codes: Codes, slices: Ids | None = None, slice_count: int = 1) -> Counts:
        """Count codes of all features in all slices."""
        codes = codes_checked(codes)
        offsets = self._offsets(slices, codes.shape[1], slice_count)

        def counted(row: Codes) -> Counts:
            return _counted(row, offsets, slice_count)

        counts = np.array(list(self._each(counted, codes)), dtype=np.int64)
        return counts_verified(counts.reshape(-1, slice_count, CODES), codes.shape[1])

    def count_numbers(
        self,
        values: Floats,
        edges: Sequence[npt.ArrayLike],
        slices: Ids | None = None,
        slice_count: int = 1,
    ) -> Counts:
        """Count numbers over fixed edges."""
        values = numbers_checked(values, "values")
        filled = edges_checked(edges, values.shape[0])
        offsets = self._offsets(slices, values.shape[1], slice_count)

        def counted(feature: int) -> Counts:
            codes = Coder(filled[feature]).codes(values[feature], self._buffers())
            return _counted(codes, offsets, slice_count)

        counts = np.array(list(self._each(counted, range(values.shape[0]))), dtype=np.int64)
        return counts_verified(counts.reshape(-1, slice_count, CODES), values.shape[1])

    def kolmogorov_smirnov(self, reference: Floats, current: Floats) -> Distances:
        """Compare f features by max |F - G|."""
        reference = numbers_checked(reference, "reference")
        current = numbers_checked(current, "current")
        if reference.shape[0] != current.shape[0]:
            raise ValueError(
                f"reference has {reference.shape[0]} features and current {current.shape[0]}"
            )

        def compared(pair: tuple[Floats, Floats]) -> tuple[float, int, int]:
            first, second = (row[~np.isnan(row)].astype(np.float64, copy=False) for row in pair)
            if not (first.size and second.size):
                return float("nan"), first.size, second.size
            most = abs(Pooled(first, second, buffers=self._buffers()).gap().most)
            return most / (first.size * second.size), first.size, second.size

        found = list(self._each(compared, zip(reference, current, strict=True)))
        return Distances(
            np.array([one[0] for one in found], dtype=np.float64),
            np.array([one[1] for one in found], dtype=np.int64),
            np.array([one[2] for one in found], dtype=np.int64),
        )

    def kernel_sums(self, rows: Floats, marks: Marks, gamma: float) -> KernelSums:
        """Sum the Gaussian kernel tile by tile; half of the tiles tell the other half."""
        marks_checked(rows, marks, gamma)
        points = rows.astype(np.float64, copy=False)
        within, sums, total = tiles.kernel_sums(
            np, points, marks.astype(np.float64), gamma, TILE_ROWS
        )
        return KernelSums(within, sums, total)

    def pairs(self, members: Members, errors: Doubles) -> Pairs:
        """Evaluate all pairs of conditions, some rows at a time."""
        members_checked(members, errors)
        return Pairs(*tiles.pairs(np, members, errors, PAIR_ROWS))

    def _offsets(self, slices: Ids | None, decisions: int, slice_count: int) -> Ids | None:
        """Say where the counts of each decision's slice start."""
        checked = slices_checked(slices, decisions, slice_count)
        return None if checked is None else checked.astype(np.intp) * CODES

    def _buffers(self) -> Buffers:
        """Give the buffers of this thread."""
        if not hasattr(self._local, "buffers"):
            self._local.buffers = Buffers()
        buffers: Buffers = self._local.buffers
        return buffers

    def _each(self, function: Callable[[T], R], items: Iterable[T]) -> Iterable[R]:
        if self._threads == 1:
            return map(function, items)
        with ThreadPoolExecutor(self._threads) as pool:
            return list(pool.map(function, items))


def _counted(codes: Codes | Ids, offsets: Ids | None, slice_count: int) -> Counts:
    places = codes if offsets is None else offsets + codes
    return np.bincount(places, minlength=slice_count * CODES).astype(np.int64)
