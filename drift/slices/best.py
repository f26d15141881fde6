"""The best K of the slices seen so far, and whether another may still be among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from drift.slices.lattice import Slices

    Floats = npt.NDArray[np.float64]

#: A bound and the score it bounds are rounded differently; a slice this near is looked at.
SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Found:
    """A slice among the best.

    Parameters
    ----------
    members
        Numbers of its predicates, ascending.
    size
        Rows.
    error
        Sum of errors, in their unit.
    """

    members: tuple[int, ...]
    size: int
    error: int
    score: float

    @property
    def rank(self) -> tuple[float, int, int, tuple[int, ...]]:
        """Sort key, the best first: of equal scores the larger, then the shorter."""
        return (-self.score, -self.size, len(self.members), self.members)


class Best:
    """Keeps the best K.

    Parameters
    ----------
    k
        How many; slices that score 0 or less are none.
    """

    def __init__(self, k: int) -> None:
        self._k = k
        self._found: list[Found] = []

    @property
    def least(self) -> float:
        """What a slice has to score: more than nothing, or as much as the last of K."""
        return self._found[-1].score if len(self._found) == self._k else 0.0

    def may_enter(self, bounds: Floats) -> npt.NDArray[np.bool_]:
        """Say which of those that score at most `bounds` may be among the best."""
        return np.asarray(bounds >= self.least - SLACK * max(1.0, abs(self.least)))

    def offer(self, slices: Slices, scores: Floats) -> None:
        """Look at slices of one level."""
        good = np.flatnonzero((scores > 0) & (scores >= self.least))
        if len(good) > self._k:
            # Ties with the last one stay, whose order the rank decides.
            kth = np.partition(scores[good], -self._k)[-self._k]
            good = good[scores[good] >= kth]
        held = [
            Found(
                tuple(slices.members[at].tolist()),
                int(slices.sizes[at]),
                int(slices.errors[at]),
                float(scores[at]),
            )
            for at in good.tolist()
        ]
        self._found = sorted([*self._found, *held], key=lambda one: one.rank)[: self._k]

    def found(self) -> list[Found]:
        """Give them, the best first."""
        return [*self._found]
