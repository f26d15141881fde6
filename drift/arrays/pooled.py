"""Two samples side by side: distances, counts and quantiles that are exact without sorting.

Numbers go to the cells of a grid. Whole cells bound what happens inside them, so that only the few
cells where the answer is still open are sorted. What comes out equals what full sorting gives.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from drift.arrays.buffers import Buffers
from drift.arrays.grid import Grid, apart
from drift.arrays.measures import Cut, Gap, Profile
from drift.arrays.opened import Opened
from drift.arrays.sample import ATOM, Sample

if TYPE_CHECKING:
    import numpy.typing as npt

    Doubles = npt.NDArray[np.float64]
    Counts = npt.NDArray[np.int64]
    Flags = npt.NDArray[np.bool_]
    Indices = npt.NDArray[np.intp]

#: Most cells, and numbers a cell when there are fewer.
CELLS_MAX = 16_384
NUMBERS_A_CELL = 8
#: Samples that reach further are sorted as a whole, as sums of them leave the range of doubles.
WIDE = 1e290
#: Stretches that `Pooled.profile` condenses the inner cells to.
STRETCHES = 512


class Pooled:
    """Two samples in the same cells, of which some are opened.

    Parameters
    ----------
    reference, current
        Shapes (n,) and (m,), neither empty, float64 without NaN.
    edges
        Where `cut` counts, ascending and distinct; None is at quantiles of the reference.
    parts
        How many parts those quantiles cut the reference in: the i-th is the least number that i of
        `parts` of it do not exceed.
    buffers
        To be used by one thread; good for one `Pooled` at a time.
    """

    def __init__(
        self,
        reference: Doubles,
        current: Doubles,
        *,
        edges: Doubles | None = None,
        parts: int = 10,
        buffers: Buffers | None = None,
    ) -> None:
        buffers = buffers or Buffers()
        cells = min(max(1, (reference.size + current.size) // NUMBERS_A_CELL), CELLS_MAX)
        self.grid = Grid.over(reference, current, cells)
        self.reference = Sample(reference, self.grid, buffers, "reference")
        self.current = Sample(current, self.grid, buffers, "current")
        self.n, self.m = reference.size, current.size
        #: n m (F - G) at the start of each cell and at the end of the last.
        self.gaps = self.reference.below * self.m - self.current.below * self.n
        #: The least number and the greatest.
        self.least = float(min(reference.min(), current.min()))
        self.greatest = float(max(reference.max(), current.max()))
        self._edges = edges
        self._ranks = -(-np.arange(1, parts, dtype=np.int64) * self.n // parts)

    @cached_property
    def wide(self) -> bool:
        """Whether the numbers reach further than sums of them should, or to infinity."""
        with np.errstate(over="ignore", invalid="ignore"):
            return not bool(np.subtract(self.greatest, self.least) < WIDE)

    @cached_property
    def finite(self) -> bool:
        """Whether no number is infinite."""
        return math.isfinite(self.least) and math.isfinite(self.greatest)

    @cached_property
    def atoms(self) -> tuple[Flags, Doubles]:
        """Cells that hold one number however often, and that number."""
        representative = np.zeros(self.grid.cells)
        if self.wide or not self.grid.tied:
            return np.zeros(self.grid.cells, dtype=np.bool_), representative
        for sample in (self.reference, self.current):
            representative[sample.cell] = sample.values
        alike = self.reference.alike(representative) & self.current.alike(representative)
        return alike & (self.reference.counts + self.current.counts > 0), representative

    @cached_property
    def cuts(self) -> Doubles:
        """Ends of the cells, from the origin of the grid."""
        return self.grid.cuts(self.least, self.greatest)

    @cached_property
    def opened(self) -> Opened:
        """The cells that whole cells leave a question about."""
        rise, fall = self.reference.counts * self.m, self.current.counts * self.n
        # Within a cell n m (F - G) may take any value from bottom to top.
        top, bottom = self.gaps[:-1] + rise, self.gaps[:-1] - fall
        sizes = np.abs(self.gaps)
        place = int(sizes.argmax())
        flags = (np.maximum(top, -bottom) > sizes[place]) & (rise > 0) & (fall > 0)
        flags |= (bottom < 0) & (top > 0)
        wanted = self._ranked if self._edges is None else self.grid.of(self._edges)
        flags[wanted] = True
        # The tails, where F and G are what widens an interval; and where the gap was reached.
        flags[[0, -1, max(0, place - 1)]] = True
        if self.wide:
            flags[:] = True
        elif self.grid.tied:
            flags &= ~self.atoms[0]
        # In a closed cell F - G keeps its sign, but for the two sides of an atom.
        signs = np.where(top > 0, 1.0, -1.0)
        signs[self.atoms[0]] = ATOM
        signs[flags] = 0.0
        return Opened((self.reference, self.current), signs, self.gaps, self.atoms)

    @cached_property
    def _ranked(self) -> Indices:
        return np.searchsorted(self.reference.below[1:], self._ranks)

    def gap(self) -> Gap:
        """Find the largest |F - G|."""
        inside = self.opened.gap()
        if not self.grid.tied and inside is not None:
            return inside
        alike, at = self.atoms
        ends = np.where(alike, self.gaps[1:], 0)
        place = int(np.abs(ends).argmax())
        if inside is not None and abs(inside.most) >= abs(int(ends[place])):
            return inside
        if not alike[place]:
            return Gap(0, self.greatest, self.n, self.m)
        below = [int(sample.below[place + 1]) for sample in (self.reference, self.current)]
        return Gap(int(ends[place]), float(at[place]), *below)

    def points(self, jump: float) -> tuple[Doubles, Counts, Counts] | None:
        """Give the ends of cells that hold numbers, and how many of each sample are up to there.

        A number that has a share of at least `jump` of both samples has a cell of its own among
        them; None where that is not so. The largest gap is among them, too.
        """
        alike, at = self.atoms
        counts = self.reference.counts + self.current.counts
        heavy = counts >= jump * (self.n + self.m)
        if (heavy & ~alike).any():
            return None
        held = np.flatnonzero(counts)
        values = np.where(alike, at, self.cuts[1:] + self.grid.origin)[held]
        below = [sample.below[held + 1] for sample in (self.reference, self.current)]
        gap = self.gap()
        place = int(np.searchsorted(below[0] + below[1], gap.reference + gap.current))
        if (below[0][place], below[1][place]) == (gap.reference, gap.current):
            values[place] = gap.at
            return values, below[0], below[1]
        return (
            np.insert(values, place, gap.at),
            np.insert(below[0], place, gap.reference),
            np.insert(below[1], place, gap.current),
        )

    def cut(self) -> Cut:
        """Count both samples between the edges."""
        edges = self._edges
        if edges is None:
            edges = apart(self.opened.quantiles(self._ranks, self._ranked))
        cells = self.grid.of(edges)
        counts = []
        for which, size in enumerate((self.n, self.m)):
            ends = np.array([0, *self.opened.up_to(which, edges, cells).tolist(), size])
            counts.append(ends[1:] - ends[:-1])
        return Cut(edges, *counts)

    def wasserstein(self) -> float:
        """Integrate |F - G|, in units of the numbers; NaN where one is infinite.

        Where F - G keeps its sign in a cell, sums of the cell tell; else its numbers do.
        """
        if not self.finite:
            return float("nan")
        inside = self.opened.area(self.cuts, self.grid.origin)
        if self.wide:
            return inside
        signs, gaps = self.opened.signs, self.gaps / (self.n * self.m)
        if self.grid.tied:
            alike, at = self.atoms
            held = np.flatnonzero(alike)
            there = at[held] - self.grid.origin
            inside += float((np.abs(gaps[held]) * (there - self.cuts[held])).sum())
            inside += float((np.abs(gaps[held + 1]) * (self.cuts[held + 1] - there)).sum())
            signs = np.where(alike, 0.0, signs)
        # Cells beyond all numbers count nothing, as F - G is 0 there.
        widths = 1.0 / self.grid.scale if self.grid.even else np.diff(self.cuts)
        whole = float((signs * gaps[1:] * widths).sum())
        return (
            whole
            + inside
            - self.reference.beyond(signs, self.cuts) / self.n
            + self.current.beyond(signs, self.cuts) / self.m
        )

    def profile(self) -> Profile:
        """Give both distribution functions: number by number in the tails, else by stretches.

        Only where all numbers are finite.
        """
        last = self.grid.cells - 1
        step = -(-self.grid.cells // STRETCHES)
        ends = np.append(np.arange(min(1, last), last, step), last)
        below = [
            sample.below[ends] / sample.values.size for sample in (self.reference, self.current)
        ]
        middle = [(share[1:] + share[:-1]) / 2 for share in below]
        tails = [
            self.opened.tail(cell, self.cuts, self.grid.origin) for cell in dict.fromkeys((0, last))
        ]
        return Profile(
            *(
                np.concatenate([tails[0][part], inner, *(tail[part] for tail in tails[1:])])
                for part, inner in enumerate([*middle, np.diff(self.cuts[ends])])
            )
        )
