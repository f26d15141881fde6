"""A finding: one statistic of one feature in one slice of a window, before it is decided upon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from drift.statistics.result import Detail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drift.monitors.monitor import Monitor


@dataclass(frozen=True, slots=True)
class Finding:
    """What an evaluator says about one feature and slice of a window.

    Parameters
    ----------
    feature, dimension, value
        What it is about; dimension and value are empty for all decisions together.
    statistic
        What was measured; with feature and slice it identifies a finding over windows.
    n_reference, n_current
        Observations that counted on either side.
    estimate, low, high
        The effect and its interval at 95 %. Zero is no drift; either sign is drift. Where only one
        direction is bad, an evaluator makes its p-value one-sided.
    p_value
        Of no drift at all against the reference.
    tolerance
        Effect below which nothing alarms.
    traffic_share
        Share of the window's decisions that lie in the slice, 0 to 1.
    counts
        Of the window by code, shape (256,), where it was judged by codes.
    method
        What else is needed to compute it again.
    unable
        Why it could not be judged; empty where it was. It never alarms then.
    """

    feature: str
    dimension: str
    value: str
    statistic: str
    reference_id: str = ""
    reference_version: int = 0
    n_reference: int = 0
    n_current: int = 0
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    tolerance: float | None = None
    traffic_share: float = 0.0
    counts: npt.NDArray[np.int64] | None = None
    method: Mapping[str, Detail] = field(default_factory=dict)
    unable: str = ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What it is the same as in the next window."""
        return (self.feature, self.dimension, self.value, self.statistic)

    @property
    def subject(self) -> dict[str, str | int]:
        """What was compared, and how many observations of each side."""
        return {
            "feature": self.feature,
            "dimension": self.dimension,
            "value": self.value,
            "statistic": self.statistic,
            "reference_id": self.reference_id,
            "reference_version": self.reference_version,
            "n_reference": self.n_reference,
            "n_current": self.n_current,
        }

    @property
    def nearest(self) -> float:
        """The least the effect surely is, in either direction.

        The bound of the interval that is nearer to zero; without an interval the estimate.
        """
        if self.low is None or self.high is None:
            return abs(self.estimate or 0.0)
        return max(self.low, -self.high, 0.0)

    @property
    def middle(self) -> float:
        """What the effect likely is: unlike the estimate it is not raised by chance."""
        if self.low is None or self.high is None:
            return abs(self.estimate or 0.0)
        return abs(self.low + self.high) / 2

    @property
    def matters(self) -> bool:
        """Whether the effect is surely at least the tolerance."""
        if self.estimate is None or self.tolerance is None:
            return False
        if self.low is None or self.high is None:
            return self.nearest >= self.tolerance
        return self.nearest > 0 and self.nearest >= self.tolerance

    @property
    def likely(self) -> bool:
        """Whether the effect is likely at least the tolerance."""
        if self.estimate is None or self.tolerance is None:
            return False
        if self.low is None or self.high is None:
            return self.matters
        return self.middle >= max(self.tolerance, 1e-300)


class Evaluator(Protocol):
    """Judges windows of one kind of monitor."""

    def evaluate(self, monitor: Monitor, start_ns: int, end_ns: int) -> list[Finding]:
        """Say everything there is to say about a window; nothing is decided yet.

        What cannot be judged is a finding with `unable`; a whole window that cannot be raises.

        Raises
        ------
        NotFoundError, InvalidInputError
            The reference is gone, or the monitor does not fit it; the window is then kept as
            unable with this error's detail as its reason.
        """
        ...


@runtime_checkable
class OnReference(Protocol):
    """An evaluator that can judge the reference's own time."""

    def on_reference(self, monitor: Monitor) -> Iterator[tuple[int, list[Finding]]]:
        """Judge each window of the reference against others of its time, where nothing drifted."""
        ...


class Changes(Protocol):
    """When what windows rest on came in last."""

    def newest(self, version: int, start_ns: int, end_ns: int) -> int:
        """Give the newest of a stretch, UTC nanoseconds; 0 for nothing."""
        ...


@runtime_checkable
class Changing(Protocol):
    """An evaluator of windows that rest on more than the cube, such as labels."""

    @property
    def late_s(self) -> float:
        """Windows that ended within this time are judged again, in seconds."""
        ...

    def changed(self, monitor: Monitor, start_ns: int, end_ns: int) -> Changes:
        """Say when what windows rest on came in."""
        ...
