"""Fewer cells for a test: up to 250 codes become at most 20 groups, cut by the reference alone.

A test over many thin cells has little power and no trustworthy p-value far out in its tail, where
a thousand tests a window are decided. Tails keep groups of their own, and so does what lies beyond
all of the reference, so that a shift of one per cent of the decisions is not averaged away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from drift import codes

if TYPE_CHECKING:
    from drift.reference import FeatureReference

Groups = npt.NDArray[np.int64]

#: Quantiles of the reference between which numbers are one group.
QUANTILES = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
#: Groups of ordinary cells.
ORDINARY = len(QUANTILES) + 1
#: Texts that stay by themselves; the others go round four groups, so that a swap among them shows.
FREQUENT = 10
#: All groups: the ordinary ones, then below and above the reference, unseen, wrong kind, not a
#: number, missing.
GROUPS = ORDINARY + 6

#: Of each level, the group a group becomes; level 0 is the finest. The last is for few decisions.
NUMBER_LEVELS = np.array(
    [
        range(GROUPS),
        # Cut at 5, 20, 50, 80 and 95 %.
        [0, 0, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 5, 14, 14, 14, 14, 14, 14],
        # Cut at 20 and 80 %.
        [0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 14, 14, 14, 14, 14, 14],
    ]
)
TEXT_LEVELS = np.array(
    [
        range(GROUPS),
        [0, 1, 2, 3, 4, 5, 5, 5, 5, 5, 5, 5, 5, 5, 14, 14, 14, 14, 14, 14],
        [0, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 14, 14, 14, 14, 14, 14],
    ]
)


def levels(reference: FeatureReference) -> Groups:
    """Give what groups become at each level, shape (3, `GROUPS`)."""
    return NUMBER_LEVELS if reference.kind == "number" else TEXT_LEVELS


def groups(reference: FeatureReference, counts: npt.ArrayLike) -> Groups:
    """Give the group of each code, shape (`codes.CODES`,).

    Parameters
    ----------
    counts
        What the reference holds by code in all decisions together, shape (`codes.CODES`,). Every
        slice is cut alike.

    Examples
    --------
    >>> from drift.reference import FeatureReference
    >>> halves = FeatureReference("x", "number", edges=(0.0, 1.0, 2.0))
    >>> found = groups(halves, [0, 50, 50, 0] + [0] * 252)
    >>> found[:4].tolist(), found[codes.MISSING].item()
    ([14, 4, 9, 15], 19)
    """
    held = np.asarray(counts, dtype=np.float64)[: codes.CELLS_MAX]
    found = np.full(codes.CODES, GROUPS - 1, dtype=np.int64)
    if reference.kind == "number":
        total = max(held.sum(), 1.0)
        middles = (np.cumsum(held) - held / 2) / total
        found[: codes.CELLS_MAX] = np.searchsorted(QUANTILES, middles)
        # The outermost cells begin where the reference ends.
        found[0], found[reference.cells - 1 : codes.CELLS_MAX] = ORDINARY, ORDINARY + 1
    else:
        cells = np.arange(codes.CELLS_MAX)
        spread = FREQUENT + (cells - FREQUENT) % (ORDINARY - FREQUENT)
        found[: codes.CELLS_MAX] = np.where(cells < FREQUENT, cells, spread)
    for place, code in enumerate((codes.UNSEEN, codes.WRONG_KIND, codes.NAN, codes.MISSING)):
        found[code] = ORDINARY + 2 + place
    return found


def grouped(counts: npt.NDArray[np.int64], group: Groups) -> npt.NDArray[np.int64]:
    """Add up counts of many keys by group.

    Parameters
    ----------
    counts
        Shape (keys, `codes.CODES`).
    group
        Of each code, shape (keys, `codes.CODES`) or (`codes.CODES`,).

    Returns
    -------
    Shape (keys, `GROUPS`).
    """
    keys = counts.shape[0]
    places = np.arange(keys)[:, None] * GROUPS + group
    sums = np.bincount(places.ravel(), weights=counts.ravel(), minlength=keys * GROUPS)
    return np.rint(sums).astype(np.int64).reshape(keys, GROUPS)
