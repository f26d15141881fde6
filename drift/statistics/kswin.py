"""A series whose distribution moved: Kolmogorov and Smirnov's test in a sliding window."""

from __future__ import annotations

import math
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from drift.statistics.kolmogorov_smirnov import kolmogorov_smirnov
from drift.statistics.result import Result
from drift.statistics.stream import finite, watched

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


class Kswin:
    r"""Detect any change of the distribution of a series.

    Of the last w values the newest r are compared with r drawn from the w - r before them, by the
    exact two-sample test; it alarms where

    .. math:: p \le \alpha \quad\text{and}\quad D > d

    and then keeps the newest r. By default it looks once r new values are there, and false alarms
    come at most :math:`\alpha` a look. Looking after every value, as others do, makes looks that
    share r - 1 of r values, and several times as many false alarms (`clock` 1).

    Parameters
    ----------
    alpha
        Level of one look, strictly between 0 and 1.
    window
        w, above 2 r.
    newest
        r, at least 2.
    clock
        Values from one look to the next; r where None, 1 for every value.
    distance_min
        d, distance below which a change is not worth an alarm.
    seed
        Of the draws.

    Raises
    ------
    ValueError
        A setting out of range.

    References
    ----------
    Raab, Heusinger and Schleif (2020), Reactive Soft Prototype Computing for Concept Drift
    Streams, Neurocomputing 416.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> detector = Kswin(alpha=0.0001)
    >>> for i, x in enumerate(np.r_[rng.normal(size=600), rng.normal(2, 1, size=600)]):
    ...     detector.update(float(x))
    ...     if detector.drift_detected:
    ...         print(i)
    639
    """

    def __init__(
        self,
        alpha: float = 0.005,
        *,
        window: int = 100,
        newest: int = 30,
        clock: int | None = None,
        distance_min: float = 0.1,
        seed: int = 0,
    ) -> None:
        if not 0 < alpha < 1:
            raise ValueError(f"alpha must be strictly between 0 and 1, not {alpha}; use 0.005")
        if newest < 2 or window < 2 * newest:
            raise ValueError(
                f"newest must be at least 2 and window at least twice that, not {newest}, {window}"
            )
        if (clock is not None and clock < 1) or not 0 <= distance_min < 1:
            raise ValueError(
                f"clock must be at least 1 and distance_min in [0, 1), not {clock}, {distance_min}"
            )
        self.alpha, self.window, self.newest = alpha, window, newest
        self.clock = newest if clock is None else clock
        self.distance_min = distance_min
        self._generator = np.random.default_rng(seed)
        self._values: deque[float] = deque(maxlen=window)
        self._due = 0
        self.n = 0
        self.p_value = 1.0
        self.estimate = 0.0
        self.drift_detected = False

    def update(self, x: float) -> None:
        """Take one value.

        Raises
        ------
        ValueError
            It is not finite.
        """
        finite(x)
        self._values.append(x)
        self.n += 1
        self._due += 1
        self.drift_detected = False
        if len(self._values) < self.window or self._due < self.clock:
            return
        self._due = 0
        older = np.array(list(islice(self._values, self.window - self.newest)))
        newer = np.array(list(islice(self._values, self.window - self.newest, None)))
        drawn = self._generator.choice(older, self.newest, replace=False)
        look = kolmogorov_smirnov(drawn, newer)
        self.estimate = look.estimate
        self.p_value = math.nan if look.p_value is None else look.p_value
        self.drift_detected = self.p_value <= self.alpha and self.estimate > self.distance_min
        if self.drift_detected:
            self._values = deque(newer.tolist(), maxlen=self.window)


def kswin(
    values: npt.ArrayLike,
    *,
    alpha: float = 0.005,
    window: int = 100,
    newest: int = 30,
    clock: int | None = None,
    distance_min: float = 0.1,
    seed: int = 0,
) -> Result:
    r"""Run `Kswin` over a series, in order.

    .. math:: D = \max_x |F_{\text{older}}(x) - F_{\text{newest}}(x)|

    Parameters
    ----------
    values
        Finite, shape (n,). NaN is left out.
    alpha, window, newest, clock, distance_min, seed
        As in `Kswin`.

    Returns
    -------
    Result
        `estimate` is the distance D at the last look, 0 before the first; `method` has its p-value,
        counts the alarms and has the index of the first and last.

    Raises
    ------
    ValueError
        No value, an infinite one, or a setting out of range.

    References
    ----------
    Raab, Heusinger and Schleif (2020), Neurocomputing 416.

    Examples
    --------
    >>> result = kswin([0.0, 1.0, 2.0] * 50 + [5.0, 6.0, 7.0] * 30)
    >>> result.method["alarms"], result.method["first_alarm"]
    (1, 189)
    """
    detector = Kswin(
        alpha,
        window=window,
        newest=newest,
        clock=clock,
        distance_min=distance_min,
        seed=seed,
    )
    alarms = watched(detector, values)
    return Result(
        statistic="kswin",
        estimate=detector.estimate,
        n_reference=0,
        n_current=alarms.n,
        method={
            "alpha": alpha,
            "window": window,
            "newest": newest,
            "clock": detector.clock,
            "distance_min": distance_min,
            "last_p_value": detector.p_value,
            "seed": seed,
            **alarms.summary(),
        },
    )
