"""Wilson's interval for a share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def wilson(share: npt.ArrayLike, n: npt.ArrayLike, z: float) -> tuple[Floats, Floats]:
    r"""Give the bounds of a share that n observations showed.

    .. math:: \frac{p + z^2/2n \pm z \sqrt{p (1 - p)/n + z^2/4n^2}}{1 + z^2/n}

    Parameters
    ----------
    share, n
        Of one shape; n at least 1.
    z
        Quantile of the normal law: 1.96 for 95 %.

    References
    ----------
    Wilson (1927), Probable inference, the law of succession, and statistical inference.

    Examples
    --------
    >>> [round(float(bound), 3) for bound in wilson(0.75, 4, 1.959964)]
    [0.301, 0.954]
    """
    p, size = np.asarray(share, dtype=np.float64), np.asarray(n, dtype=np.float64)
    centre = (p + z**2 / (2 * size)) / (1 + z**2 / size)
    half = z * np.sqrt(p * (1 - p) / size + z**2 / (4 * size**2)) / (1 + z**2 / size)
    return np.maximum(0.0, centre - half), np.minimum(1.0, centre + half)
