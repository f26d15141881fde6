"""Many tests a window and many windows: which of them may count.

Within a window: the hierarchy of Benjamini and Bogomolov (2014). Slices of a feature are combined
by Simes, features chosen by Benjamini-Hochberg, and slices within a chosen feature tested at a
level that pays for the choice. That any feature is chosen is itself the global test of the window.

Across windows: each p-value becomes an e-value, their product from the best starting window is an
e-detector (Shin, Ramdas and Rinaldo 2022), and e-BH (Wang and Ramdas 2022) compares them, which
holds however slices depend on each other.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from drift.statistics.false_discovery import adjusted

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def hierarchical(p: Floats, families: Integers, alpha: float) -> Floats:
    """Adjust the p-values of a window over features and the slices within.

    Parameters
    ----------
    p
        Shape (keys,); NaN is no test.
    families
        Feature of each key, 0 to features - 1.
    alpha
        Level at which features are chosen; the adjusted values are compared with it.

    Notes
    -----
    q = max(q of the feature, q within the feature x features / chosen features).
    """
    if not p.size:
        return p.copy()
    table, places = _by_family(p, families)
    within = adjusted(table)
    # The smallest adjusted value is the p-value of Simes.
    simes = np.fmin.reduce(within, axis=1)
    chosen_by = adjusted(simes)
    tests = int(np.count_nonzero(~np.isnan(simes)))
    chosen = max(int(np.count_nonzero(chosen_by <= alpha)), 1)
    paid = np.minimum(within * tests / chosen, 1.0)
    return np.maximum(chosen_by[:, None], paid)[places]


def e_adjusted(e: Floats) -> Floats:
    """Adjust e-values by e-BH: compare with alpha; NaN is no test.

    Examples
    --------
    >>> e_adjusted(np.array([400.0, 1.0])).tolist()
    [0.005, 1.0]
    """
    with np.errstate(divide="ignore"):
        return adjusted(1 / e)


def _by_family(p: Floats, families: Integers) -> tuple[Floats, tuple[Integers, Integers]]:
    """Lay keys out as a table of features by slices, and say where each went."""
    order = np.argsort(families, kind="stable")
    sizes = np.bincount(families)
    starts = np.cumsum(sizes) - sizes
    columns = np.empty_like(families)
    columns[order] = np.arange(families.size) - np.repeat(starts, sizes)
    table = np.full((sizes.size, int(sizes.max())), np.nan)
    table[families, columns] = p
    return table, (families, columns)
