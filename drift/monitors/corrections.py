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

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def adjusted(p: Floats) -> Floats:
    """Adjust p-values along the last axis by Benjamini-Hochberg; NaN is no test.

    Examples
    --------
    >>> adjusted(np.array([0.01, 0.04, 0.03, np.nan])).tolist()
    [0.03, 0.04, 0.04, nan]
    """
    count = np.sum(~np.isnan(p), axis=-1, keepdims=True)
    order = np.argsort(p, axis=-1)
    ranks = np.arange(1, p.shape[-1] + 1)
    scaled = np.take_along_axis(p, order, axis=-1) * count / ranks
    scaled = np.fmin.accumulate(scaled[..., ::-1], axis=-1)[..., ::-1]
    result = np.empty_like(p)
    np.put_along_axis(result, order, np.minimum(scaled, 1.0), axis=-1)
    return np.where(np.isnan(p), np.nan, result)


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


def e_values(p: Floats) -> Floats:
    """Turn p-values into e-values: the average of k p^(k-1) over k from 0 to 1.

    Notes
    -----
    (1 - p + p ln p) / (p ln(p)^2), 1/2 at p = 1; Vovk and Wang (2021). Its mean is 1 without drift.

    Examples
    --------
    >>> [round(float(e), 3) for e in e_values(np.array([1.0, 0.05, 1e-6]))]
    [0.5, 1.783, 5239.136]
    """
    # Near 1 the formula is 0/0; its limit is flat there.
    safe = np.minimum(p, 1 - 1e-6)
    log = np.log(safe)
    found: Floats = (1 - safe + safe * log) / (safe * log * log)
    return found


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
