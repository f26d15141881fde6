"""A window that is as long as its mean lasts: adaptive windowing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from drift.statistics.floats import floats
from drift.statistics.result import Result
from drift.statistics.stream import finite, watched

if TYPE_CHECKING:
    import numpy.typing as npt

#: Number of values, their sum, and the sum of their squares about their mean.
Bucket = tuple[int, float, float]


class Adwin:
    r"""Detect that the mean changed, and keep the values since then, in logarithmic memory.

    The window W is dropped at its old end as long as some cut into an older part of
    :math:`n_0` values and a newer of :math:`n_1` has

    .. math::
        |\bar x_0 - \bar x_1| > \sqrt{\frac{2}{h} \sigma^2_W \delta'} + \frac{2 R}{3 h} \delta',
        \qquad \delta' = \ln \frac{2 \ln |W|}{\delta}, \quad
        \frac1h = \frac1{n_0 - l + 1} + \frac1{n_1 - l + 1}

    for values of range R and parts of at least l. Values are kept as sums of 1, 2, 4, ... of them,
    at most `buckets` of each, so memory grows with the logarithm of the window.

    The chance of a false alarm at one check is about :math:`\delta`, for independent values of
    the stated range; over a series it adds up with the checks, though far more slowly than
    :math:`\delta` times their number (the tests measure it).

    Parameters
    ----------
    delta
        :math:`\delta`, strictly between 0 and 1.
    span
        R, greatest less least possible value.
    clock
        Values from one check to the next.
    buckets
        Sums kept of each size, at least 1; more cut more finely.
    least
        l, values a part must have at least.
    grace
        Values before the first check.
    restart
        Whether the value after an alarm begins an empty window, so that one change alarms once (as
        river does). Otherwise what the cut left stays, and alarms go on until all of the old values
        are gone (as in the paper).

    Raises
    ------
    ValueError
        A setting out of range.

    References
    ----------
    Bifet and Gavaldà (2007), Learning from Time-Changing Data with Adaptive Windowing; bound and
    settings as in river 0.26, with the range of values added.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(12345)
    >>> detector = Adwin()
    >>> for i, x in enumerate(np.r_[rng.integers(0, 2, 1000), rng.integers(4, 8, 1000)]):
    ...     detector.update(float(x))
    ...     if detector.drift_detected:
    ...         print(i, detector.width)
    1023 32
    """

    def __init__(
        self,
        delta: float = 0.002,
        *,
        span: float = 1.0,
        clock: int = 32,
        buckets: int = 5,
        least: int = 5,
        grace: int = 10,
        restart: bool = True,
    ) -> None:
        if not 0 < delta < 1:
            raise ValueError(f"delta must be strictly between 0 and 1, not {delta}; use 0.002")
        if not 0 < span < math.inf or min(clock, buckets, least) < 1 or grace < 0:
            raise ValueError(
                "span must be above 0, clock, buckets and least at least 1, grace at least 0, not "
                f"{span}, {clock}, {buckets}, {least}, {grace}"
            )
        self.delta, self.span, self.clock = delta, span, clock
        self.buckets, self.least, self.grace, self.restart = buckets, least, grace, restart
        self._reset()

    def _reset(self) -> None:
        self.drift_detected = False
        self.width = 0
        self._total = self._squares = 0.0
        self._ticks = 0
        #: Of size 1, 2, 4, ...; within each the oldest first.
        self._rows: list[list[Bucket]] = [[]]

    @property
    def estimate(self) -> float:
        """Mean of the window; NaN when it is empty."""
        return self._total / self.width if self.width else math.nan

    @property
    def variance(self) -> float:
        """Variance of the window."""
        return self._squares / self.width if self.width else 0.0

    def update(self, x: float) -> None:
        """Take one value.

        Raises
        ------
        ValueError
            It is not finite.
        """
        finite(x)
        if self.restart and self.drift_detected:
            self._reset()
        whole = _joined((self.width, self._total, self._squares), (1, x, 0.0))
        self.width, self._total, self._squares = whole
        self._rows[0].append((1, x, 0.0))
        self._compress()
        self._ticks += 1
        self.drift_detected = False
        if self._ticks % self.clock == 0 and self.width > self.grace:
            while self._differs():
                self.drift_detected = True
                self._drop()

    def _compress(self) -> None:
        """Join the two oldest sums of a size where there is one too many."""
        for size, row in enumerate(self._rows):
            if len(row) <= self.buckets:
                return
            if size + 1 == len(self._rows):
                self._rows.append([])
            self._rows[size + 1].append(_joined(row.pop(0), row.pop(0)))

    def _differs(self) -> bool:
        """Whether some cut leaves two parts whose means differ."""
        log = math.log(2 * math.log(self.width) / self.delta)
        spread, count, total = 2 * self.variance * log, 0, 0.0
        for row in reversed(self._rows):
            for size, part, _ in row:
                count, total = count + size, total + part
                rest = self.width - count
                if count < self.least or rest < self.least:
                    continue
                gap = abs(total / count - (self._total - total) / rest)
                weight = 1 / (count - self.least + 1) + 1 / (rest - self.least + 1)
                if gap > math.sqrt(spread * weight) + 2 / 3 * self.span * log * weight:
                    return True
        return False

    def _drop(self) -> None:
        """Forget the oldest sum."""
        while not self._rows[-1]:
            self._rows.pop()
        size, part, squares = self._rows[-1].pop(0)
        self.width -= size
        self._total -= part
        gap = part / size - self._total / self.width
        joint = gap**2 * size * self.width / (size + self.width)
        self._squares = max(0.0, self._squares - squares - joint)


def _joined(one: Bucket, other: Bucket) -> Bucket:
    """Add up two buckets."""
    n, m = one[0], other[0]
    if not n:
        return other
    gap = one[1] / n - other[1] / m
    return n + m, one[1] + other[1], one[2] + other[2] + gap**2 * n * m / (n + m)


def adwin(
    values: npt.ArrayLike,
    *,
    delta: float = 0.002,
    span: float | None = None,
    clock: int = 32,
) -> Result:
    r"""Run `Adwin` over a series, in order.

    .. math:: \text{estimate} = \frac1{|W|} \sum_{x \in W} x

    Parameters
    ----------
    values
        Finite, shape (n,). NaN is left out.
    delta, clock
        As in `Adwin`.
    span
        As in `Adwin`; None takes the range of these values (1 where they are all equal).

    Returns
    -------
    Result
        `estimate` is the mean of the window at the end, in the unit of the values; `method` has the
        window's width, counts the alarms and has the index of the first and last.

    Raises
    ------
    ValueError
        No value, an infinite one, or a setting out of range.

    References
    ----------
    Bifet and Gavaldà (2007), Learning from Time-Changing Data with Adaptive Windowing.

    Examples
    --------
    >>> result = adwin([0.0, 1.0] * 200 + [0.9, 1.0] * 100)
    >>> result.method["first_alarm"], result.method["width"]
    (479, 120)
    """
    series = floats(values, "values")
    known = series[np.isfinite(series)]
    used = (float(np.ptp(known)) if known.size else 0.0) or 1.0
    detector = Adwin(delta, span=used if span is None else span, clock=clock)
    alarms = watched(detector, series)
    return Result(
        statistic="adwin",
        estimate=detector.estimate,
        n_reference=0,
        n_current=alarms.n,
        method={
            "delta": delta,
            "span": detector.span,
            "span_rule": "range of the values" if span is None else "given",
            "clock": clock,
            "width": detector.width,
            **alarms.summary(),
        },
    )
