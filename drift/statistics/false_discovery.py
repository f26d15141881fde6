"""Benjamini and Hochberg's correction for many tests."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def adjusted(p: Floats) -> Floats:
    """Adjust p-values along the last axis; NaN is no test.

    References
    ----------
    Benjamini and Hochberg, Controlling the False Discovery Rate, JRSS B 57 (1995).

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
