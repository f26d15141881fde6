"""Codes of numbers over fixed edges, mostly by a table instead of a search."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from drift.codes import NAN

if TYPE_CHECKING:
    from drift.arrays.buffers import Buffers
    from drift.arrays.protocol import Doubles, Floats, Ids

#: Cells of the table: a cell that holds no edge tells the code of its numbers.
TABLE = 1 << 15
#: Fewest numbers for which a table pays.
FEWEST = 4_096


class Coder:
    """Gives numbers the codes of `drift.codes.of_numbers`.

    Parameters
    ----------
    edges
        Ascending and distinct, but for infinities at the end.
    """

    def __init__(self, edges: Doubles) -> None:
        self.edges = edges
        inner = edges[np.isfinite(edges)]
        # The outermost edges may lie far out; what is beyond the others is searched for.
        inner = inner[2:-2] if inner.size > 8 else inner
        self.low, self.scale = 0.0, 0.0
        if inner.size > 1:
            with np.errstate(over="ignore", divide="ignore"):
                width = (inner[-1] - inner[0]) / (TABLE - 4)
                scale = float(1.0 / width)
            if np.isfinite(width) and np.isfinite(scale):
                self.low, self.scale = float(inner[0] - 2 * width), scale
        held = np.bincount(self._cells(edges), minlength=TABLE)
        #: Edges below each cell; a cell with edges in it leaves the question open.
        self.below = (np.cumsum(held) - held).astype(np.int16)
        self.below[held > 0] = -1

    def codes(self, values: Floats, buffers: Buffers) -> Ids:
        """Code numbers, shape (n,); the array is good until the next call."""
        numbers = buffers.array("numbers", values.size, np.float64)
        numbers[:] = values
        if values.size < FEWEST or not self.scale:
            codes = np.searchsorted(self.edges, numbers).astype(np.int16)
            codes[np.isnan(numbers)] = NAN
            return codes
        codes = buffers.array("codes", values.size, np.int16)
        np.take(self.below, self._cells(numbers, buffers), out=codes, mode="clip")
        open_ = np.flatnonzero(codes < 0)
        codes[open_] = np.searchsorted(self.edges, numbers[open_])
        codes[np.isnan(numbers)] = NAN
        return codes

    def _cells(self, numbers: Doubles, buffers: Buffers | None = None) -> Ids:
        """Place numbers in the table; every step is monotone, so cells keep their order."""
        size = numbers.size
        place = np.empty(size) if buffers is None else buffers.array("place", size, np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            np.subtract(numbers, self.low, out=place)
            np.multiply(place, self.scale, out=place)
        # NaN goes to the first cell here, and gets its own code afterwards.
        np.fmax(place, 0.0, out=place)
        np.fmin(place, TABLE - 1.0, out=place)
        return place.astype(np.int32)
