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
        self.cell = grid.of(values, buffers, name)
        self.counts = np.bincount(self.cell, minlength=grid.cells).astype(np.int64)
        self.below = np.concatenate([[0], np.cumsum(self.counts)])

    def beyond(self, cuts: Doubles) -> Doubles:
        """Sum, of each cell but the outermost, how far its numbers lie beyond its start."""
        cells = self.counts.size
        if self.grid.scale and not self.grid.unit:
            into = self.buffers.array(f"{self.name} place", self.values.size, np.float64)
            within: Doubles = np.bincount(self.cell, into, minlength=cells) / self.grid.scale
            # The ends of the samples cut some cells short.
            return within - self.counts * (cuts[:-1] - np.arange(cells) / self.grid.scale)
        past = self.buffers.array("past", self.values.size, np.float64)
        np.take(cuts + self.grid.origin, self.cell, out=past, mode="clip")
        np.subtract(self.values, past, out=past)
        return np.bincount(self.cell, past, minlength=cells).astype(np.float64)

    def alike(self, representative: Doubles) -> Flags:
        """Tell the cells whose numbers all equal their representative."""
        same = self.buffers.array("past", self.values.size, np.float64)
        np.take(representative, self.cell, out=same, mode="clip")
        strangers: Counts = np.bincount(self.cell[self.values != same], minlength=self.counts.size)
        return np.equal(strangers, 0)

    def within(self, flags: Flags, chosen: Indices) -> tuple[Doubles, Counts]:
        """Sort the numbers of the chosen cells; say how many numbers of others precede each."""
        inside = self.buffers.array("inside", self.values.size, np.bool_)
        np.take(flags, self.cell, out=inside, mode="clip")
        counts = self.counts[chosen]
        before = self.below[chosen] - (np.cumsum(counts) - counts)
        return np.sort(self.values[np.flatnonzero(inside)]), before
