"""The cells of two samples that had to be looked into, with their numbers in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from drift.arrays.measures import Gap

if TYPE_CHECKING:
    import numpy.typing as npt

    from drift.arrays.sample import Sample

    Doubles = npt.NDArray[np.float64]
    Counts = npt.NDArray[np.int64]
    Flags = npt.NDArray[np.bool_]
    Indices = npt.NDArray[np.intp]

#: Which numbers of a cell `tail` looks at, counted from the outermost: the first 40, then more and
#: more apart, up to 2**40.
RANKS = np.concatenate([np.arange(40), np.exp2(np.arange(5.33, 40, 0.06)).astype(np.int64)])


class Opened:
    """Numbers of both samples in some cells.

    Parameters
    ----------
    samples
        Reference and current.
    signs
        Shape (cells,): 0 for cells to open, for others 1 or -1 where F - G keeps that sign.
    gaps
        n m (F - G) at the start of each cell and at the end of the last.
    atoms
        Cells, not among these, that hold but one number, and that number.
    """

    def __init__(
        self,
        samples: tuple[Sample, Sample],
        signs: Doubles,
        gaps: Counts,
        atoms: tuple[Flags, Doubles],
    ) -> None:
        self.samples, self.signs, self.starting, self.atoms = samples, signs, gaps, atoms
        self.chosen = np.flatnonzero(signs == 0.0)
        reference, before_reference = samples[0].within(signs, self.chosen)
        current, before_current = samples[1].within(signs, self.chosen)
        self.sorted = (reference, current)
        self.before = (before_reference, before_current)
        both = np.concatenate(self.sorted)
        # Two runs that are in order already: the stable sort is one merge of them.
        order = np.argsort(both, kind="stable")
        self.values = both[order]
        self.counts = (samples[0].counts + samples[1].counts)[self.chosen]
        first = np.cumsum(order < reference.size)
        #: How many opened numbers of each sample there are up to each number.
        self.up = (first, np.arange(1, both.size + 1) - first)
        n, m = (sample.values.size for sample in samples)
        #: n m (F - G) from each number on; among equal numbers only the last one counts.
        self.gaps = self.up[0] * m - self.up[1] * n
        self.gaps += np.repeat(before_reference * m - before_current * n, self.counts)

    def gap(self) -> Gap | None:
        """Find where |F - G| is largest inside."""
        if self.values.size == 0:
            return None
        last = np.flatnonzero(np.append(self.values[1:] != self.values[:-1], True))
        place = last[np.abs(self.gaps[last]).argmax()]
        cell = int(np.searchsorted(np.cumsum(self.counts), place, side="right"))
        below = [
            int(up[place] + before[cell]) for up, before in zip(self.up, self.before, strict=True)
        ]
        return Gap(int(self.gaps[place]), float(self.values[place]), *below)

    def area(self, cuts: Doubles, origin: float) -> float:
        """Integrate |F - G| over the cells, whose ends are measured from an origin."""
        pairs = self.samples[0].values.size * self.samples[1].values.size
        before = np.abs(self.starting[self.chosen]) / pairs
        filled = self.counts > 0
        widths = cuts[self.chosen + 1] - cuts[self.chosen]
        area = float((before * widths)[~filled].sum())
        if self.values.size == 0:
            return area
        cells, ends = self.chosen[filled], np.cumsum(self.counts)[filled]
        starts = ends - self.counts[filled]
        values = self.values - origin
        following = np.append(values[1:], 0.0)
        following[ends - 1] = cuts[cells + 1]
        area += float((before[filled] * (values[starts] - cuts[cells])).sum())
        return area + float((np.abs(self.gaps) / pairs * (following - values)).sum())

    def quantiles(self, ranks: Counts, cells: Indices) -> Doubles:
        """Give the reference's numbers of some ranks, counted from 1, that lie in these cells."""
        alike, at = self.atoms
        reference = self.sorted[0]
        place = ranks - 1 - self._before(0, cells)
        inside = np.take(reference, place, mode="clip") if reference.size else at[cells]
        return np.where(alike[cells], at[cells], inside)

    def up_to(self, which: int, edges: Doubles, cells: Indices) -> Counts:
        """Count the numbers of a sample (0 reference, 1 current) that do not exceed each edge."""
        alike, at = self.atoms
        sample = self.samples[which]
        inside = np.searchsorted(self.sorted[which], edges, side="right")
        whole = sample.below[cells] + sample.counts[cells] * (at[cells] <= edges)
        return np.where(alike[cells], whole, inside + self._before(which, cells))

    def _before(self, which: int, cells: Indices) -> Counts:
        """Count the numbers of other cells that precede some cells; 0 for what is not open."""
        if self.chosen.size == 0:
            return np.zeros(cells.size, dtype=np.int64)
        place = np.searchsorted(self.chosen, cells)
        return np.take(self.before[which], place, mode="clip")

    def tail(self, cell: int, cuts: Doubles, origin: float) -> tuple[Doubles, Doubles, Doubles]:
        """Give F, G and widths of the stretches between the numbers of a cell."""
        samples = self.samples
        place = int(np.searchsorted(self.chosen, cell))
        if place == self.chosen.size or self.chosen[place] != cell:
            middle = [(one.below[cell] + one.below[cell + 1]) / 2 for one in samples]
            shares = [
                np.array([below / one.values.size])
                for below, one in zip(middle, samples, strict=True)
            ]
            return shares[0], shares[1], cuts[cell + 1 : cell + 2] - cuts[cell]
        start, count = int(self.counts[:place].sum()), int(self.counts[place])
        # The outermost numbers one by one, as far out gaps are wide; then more and more at once.
        ranks = RANKS[: int(np.searchsorted(RANKS, count))]
        chosen = start + (ranks if cell == 0 else count - 1 - ranks[::-1])
        points = np.concatenate([[cuts[cell]], self.values[chosen] - origin, [cuts[cell + 1]]])
        # Between two of them the one in the middle tells.
        between = (chosen + np.append(chosen[1:], start + count) - 1) // 2
        below = [
            np.append(one.below[cell], up[between] + before[place]) / one.values.size
            for one, up, before in zip(samples, self.up, self.before, strict=True)
        ]
        return below[0], below[1], np.diff(points)
