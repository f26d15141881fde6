"""One sample in the cells of a grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from drift.arrays.buffers import Buffers
    from drift.arrays.grid import Grid

    Doubles = npt.NDArray[np.float64]
    Counts = npt.NDArray[np.int64]
    Flags = npt.NDArray[np.bool_]
    Indices = npt.NDArray[np.intp]


#: Sign of a cell that holds one number however often; whole cells tell all there is to it.
ATOM = 2.0


class Sample:
    """Numbers, and how many of them are in each cell and below it.

    Parameters
    ----------
    values
        Shape (n,), without NaN.
    buffers, name
        Where its arrays are kept, and under which name.
    """

    def __init__(self, values: Doubles, grid: Grid, buffers: Buffers, name: str) -> None:
        self.values, self.grid = values, grid
        self.buffers, self.name = buffers, name
        self._signed = buffers.array(f"{name} signed", values.size, np.float64)
        self.cell = grid.of(values, buffers, name)
        self.counts: Counts = np.bincount(self.cell, minlength=grid.cells)
        self.below = np.zeros(grid.cells + 1, dtype=np.int64)
        np.cumsum(self.counts, out=self.below[1:])

    def beyond(self, signs: Doubles, cuts: Doubles) -> float:
        """Sum how far numbers lie beyond the start of their cell, times the sign of the cell.

        To be asked after `within` with the same signs, but for atoms, which are to have 0.
        """
        mine = self._signed
        if self.grid.tied:
            np.copyto(mine, 0.0, where=mine == ATOM)
        past = self.buffers.array("past", self.values.size, np.float64)
        if self.grid.even:
            place = self.buffers.array(f"{self.name} place", self.values.size, np.float64)
            return float(np.multiply(mine, place, out=past).sum()) / self.grid.scale
        np.subtract(self.values, self.grid.origin, out=past)
        past *= mine
        return float(past.sum()) - float((signs * self.counts * cuts[:-1]).sum())

    def alike(self, representative: Doubles) -> Flags:
        """Tell the cells whose numbers all equal their representative."""
        same = self.buffers.array("past", self.values.size, np.float64)
        np.take(representative, self.cell, out=same, mode="clip")
        strangers: Counts = np.bincount(self.cell[self.values != same], minlength=self.counts.size)
        return np.equal(strangers, 0)

    def within(self, signs: Doubles, chosen: Indices) -> tuple[Doubles, Counts]:
        """Sort the numbers of the chosen cells, which are those with the sign 0.

        Says also how many numbers of other cells precede each of them.
        """
        np.take(signs, self.cell, out=self._signed, mode="clip")
        inside = self.buffers.array("inside", self.values.size, np.bool_)
        np.equal(self._signed, 0.0, out=inside)
        counts = self.counts[chosen]
        before = self.below[chosen] - (np.cumsum(counts) - counts)
        return np.sort(self.values[np.flatnonzero(inside)]), before
