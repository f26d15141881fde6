"""A grid over two samples: it puts numbers in cells, in order, without sorting them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from drift.arrays.buffers import Buffers

    Doubles = npt.NDArray[np.float64]
    Indices = npt.NDArray[np.intp]

#: Numbers of each sample that are looked at to lay the grid.
PROBE = 512
#: Share of the probe that lies beyond either end of the evenly spaced cells.
TAIL = 0.005
#: Share of the probe that is distinct where few numbers are equal to others.
DISTINCT = 0.995
#: Share of the distinct numbers of the probe in cells of their own that is not worth improving.
ENOUGH = 0.85
#: Cells that are left free on either side of the centre of a curved grid.
GAP = 1.5


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of equal width in the place of a number: the number itself, or a curve of it.

    The curve rises like the number near a centre and like its logarithm far from it, and where many
    numbers are equal it leaves the centre a cell of its own; it suits heavy tails. Places that
    lie beyond the cells fall in the outermost ones. The cell of a number never falls when the
    number rises, because each step of the arithmetic is monotone; equal numbers share a cell.

    Parameters
    ----------
    low, scale
        Where the first cell starts, and cells a unit; `scale` 0 puts everything in one cell.
    cells
        How many.
    tied
        Whether several numbers of the probe were equal.
    centre, unit
        Of the curve; `unit` 0 is no curve.
    """

    low: float
    scale: float
    cells: int
    tied: bool
    centre: float = 0.0
    unit: float = 0.0

    @classmethod
    def over(cls, reference: Doubles, current: Doubles, cells: int) -> Grid:
        """Lay `cells` cells where two samples, neither empty, have most of their numbers."""
        probe = np.sort(np.concatenate([_probe(reference), _probe(current)]))
        distinct = apart(probe)
        tied = distinct.size < DISTINCT * probe.size
        best, reached = cls(0.0, 0.0, cells, tied), 0.0
        finite = probe[np.isfinite(probe)]
        if finite.size == 0 or cells < 8 or finite[0] == finite[-1]:
            return best
        for centre, unit in _curves(finite, distinct):
            grid = cls(0.0, 0.0, cells, tied, centre, unit).fitted(finite)
            held = grid.of(distinct)
            occupied = float(np.count_nonzero(held[1:] != held[:-1]))
            # A curve costs more than none, so it has to be worth it.
            if occupied > reached * 1.1:
                best, reached = grid, occupied
            if reached > ENOUGH * distinct.size:
                break
        return best

    def fitted(self, probe: Doubles) -> Grid:
        """Fit the cells to a sorted probe of finite numbers."""
        cut = int(TAIL * probe.size)
        ends = np.array([probe[cut], probe[probe.size - 1 - cut]])
        with np.errstate(over="ignore"):
            low, high = (self._places(ends, 0.0) if self.unit else ends).tolist()
        width = high / (self.cells - 6) - low / (self.cells - 6)
        scale = 1.0 / width if width > 0 else math.inf
        if not (math.isfinite(scale) and math.isfinite(width)):
            return self
        return Grid(low - 3 * width, scale, self.cells, self.tied, self.centre, self.unit)

    @property
    def even(self) -> bool:
        """Whether all cells, but for the outermost, have the width 1 / `scale`."""
        return self.scale > 0 and not self.unit

    @property
    def gap(self) -> float:
        """Place that is left free on either side of the centre."""
        return GAP / self.scale if self.tied and self.scale else 0.0

    def of(self, values: Doubles, buffers: Buffers | None = None, name: str = "") -> Indices:
        """Give each number its cell, from 0 to `cells` - 1.

        Parameters
        ----------
        buffers, name
            Where the cells are to be kept, and under which name.
        """
        size = values.size
        place = np.empty(size if buffers is None else 0)
        if buffers is not None:
            place = buffers.array(f"{name} place", size, np.float64)
        short = _ints(buffers, "short", size, np.int32)
        cells: Indices = _ints(buffers, name, size, np.intp)
        if self.scale == 0.0:
            cells[:] = 0
            return cells
        with np.errstate(over="ignore"):
            if self.unit:
                self._places(values, self.gap, place, buffers)
                place -= self.low
            else:
                np.subtract(values, self.low, out=place)
            place *= self.scale
        place.clip(0.0, self.cells - 1.0, out=place)
        # By way of int32: the conversion that processors have in vectors.
        short[:] = place
        cells[:] = short
        if not self.unit:
            # What is left of the place is how far the number lies into its cell.
            place -= short
        return cells

    def _places(
        self,
        values: Doubles,
        gap: float,
        out: Doubles | None = None,
        buffers: Buffers | None = None,
    ) -> Doubles:
        """Put numbers on the curve: the bits of a double grow like its logarithm."""
        away: Doubles = np.subtract(values, self.centre, out=out)
        size = away.size
        far = np.empty(size) if buffers is None else buffers.array("far", size, np.float64)
        np.abs(away, out=far)
        far += self.unit
        bits = far.view(np.int64)
        bits -= np.float64(self.unit).view(np.int64)
        if not gap:
            np.copysign(bits, away, out=away)
            return away
        np.sign(away, out=away)
        away *= bits + gap
        return away

    @property
    def origin(self) -> float:
        """Where `cuts` are measured from: near the numbers, so that little is rounded off."""
        return self.centre if self.unit else self.low

    def cuts(self, least: float, greatest: float) -> Doubles:
        """Give the ends of the cells, shape (cells + 1,), of samples that reach from `least` on.

        They are right to rounding: a number may lie beyond the cut of its cell by as little.
        """
        cuts = np.full(self.cells + 1, greatest - self.origin)
        if self.scale != 0.0:
            cuts[:-1] = np.arange(self.cells) / self.scale
            if self.unit:
                cuts[:-1] = self._away(cuts[:-1] + self.low, self.gap)
        cuts[0] = least - self.origin
        ends: Doubles = np.clip(cuts, cuts[0], cuts[-1])
        return ends

    def _away(self, places: Doubles, gap: float) -> Doubles:
        """Undo `_places`, to its rounding: say how far from the centre a place is."""
        far = np.maximum(np.abs(places) - gap, 0.0)
        start = int(np.float64(self.unit).view(np.int64))
        most = int(np.finfo(np.float64).max.view(np.int64)) - start
        bits = np.minimum(far, most * (1 - 1e-15)).astype(np.int64) + start
        away: Doubles = np.sign(places) * (bits.view(np.float64) - self.unit)
        return away


def apart(ascending: Doubles) -> Doubles:
    """Leave out what equals the number before it; `numpy.unique` would sort again."""
    if ascending.size == 0:
        return ascending
    fresh = np.concatenate([[True], ascending[1:] != ascending[:-1]])
    return np.asarray(ascending[fresh])


def _probe(values: Doubles) -> Doubles:
    """Take numbers from all over a sample."""
    return values[:: max(1, values.size // PROBE)][:PROBE]


def _ints(
    buffers: Buffers | None, name: str, size: int, kind: npt.DTypeLike
) -> npt.NDArray[np.intp]:
    return np.empty(size, kind) if buffers is None else buffers.array(name, size, kind)


def _curves(probe: Doubles, distinct: Doubles) -> Iterator[tuple[float, float]]:
    """Name what may fit a sorted probe: no curve, and curves around its middle, its mode and 0."""
    yield 0.0, 0.0
    starts = np.searchsorted(probe, distinct[np.isfinite(distinct)])
    common = float(probe[starts[np.diff(starts, append=probe.size).argmax()]])
    with np.errstate(over="ignore"):
        for centre in dict.fromkeys((float(probe[probe.size // 2]), common, 0.0)):
            far = np.sort(np.abs(probe - centre))
            far = far[(far > 0) & np.isfinite(far)]
            if far.size == 0:
                continue
            for share in (0.02, 0.5):
                unit = float(far[int(share * far.size)])
                if np.finfo(np.float64).tiny < unit < 1e300:
                    yield centre, unit
