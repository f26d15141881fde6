"""How far windows of a reference lie apart, and the tolerance that follows from it.

Days differ from nights and bursts from calm although nothing drifted. Each window of the reference
is compared with the rest of it, and a tolerance is taken from the greatest effects that this shows:
conformal prediction whose score is the maximum over features and slices of an effect in units of
its own spread, each window measured in the spread of the others. It assumes no distribution, but
that windows to come are exchangeable with those of the reference.

References
----------
Barber, R. F., Candès, E. J., Ramdas, A., Tibshirani, R. J. (2021): Predictive inference with the
jackknife+. Annals of Statistics 49. Romano, J. P., Wolf, M. (2005): Exact and approximate stepdown
methods for multiple hypothesis testing. JASA 100.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from drift.monitors.bounds import Level, conformal, level, raised
from drift.monitors.judging import FindingKey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drift.monitors.judging import Judged
    from drift.monitors.monitor import Monitor

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: It rises when the same windows would give another tolerance.
VERSION = 1
#: Fewer windows say nothing about their spread.
WINDOWS_MIN = 20


@dataclass(frozen=True, slots=True)
class Spread:
    """The natural spread of effects between windows of a reference.

    Parameters
    ----------
    windows
        Of the reference that could be judged.
    windows_needed
        So many it takes to tell a share of alpha.
    tolerance
        The least that can be stated for everything watched alike; None where the reference is as
        quiet as is stated without one.
    factor
        The least multiple of every finding's own spread that does; 0 as None above.
    suspicions, alarms
        Share of windows with a suspicion, and with an alarm, under `factor`.
    spreads
        Mean effect of each finding, or what chance shows where that is more.
    unknown
        By feature and statistic, what stands for slices that most windows do not have.
    driven_by, driven_ns
        Finding and start of the window that needs the factor; None where it is 0.
    """

    windows: int
    windows_needed: int
    tolerance: float | None
    factor: float
    suspicions: Level
    alarms: Level
    spreads: Mapping[FindingKey, float]
    unknown: Mapping[tuple[str, str], float]
    driven_by: FindingKey | None = None
    driven_ns: int = 0

    def of(self, key: FindingKey) -> float:
        """Give the spread of a finding; where it has none, the largest of its feature, or of all.

        Notes
        -----
        A slice that the reference had seldom is thus no louder than those it is known by.
        """
        held = self.spreads.get(key)
        if held is not None:
            return held
        feature = self.unknown.get((key[0], key[3]))
        return max(self.unknown.values(), default=0.0) if feature is None else feature


@dataclass(frozen=True, slots=True)
class Windows:
    """What windows without drift showed, in their order; shape (windows, keys).

    Parameters
    ----------
    sure
        The largest tolerance at which a window raises a suspicion by itself.
    likely
        That at which it confirms one.
    size
        The effect, or what chance shows where that is more; NaN where it was not judged.
    """

    keys: list[FindingKey]
    sure: Floats
    likely: Floats
    size: Floats

    def over(self, scale: Floats) -> Windows:
        """Divide by what has one row or a row a window."""
        return Windows(self.keys, self.sure / scale, self.likely / scale, self.size)


def spread(monitor: Monitor, windows: Sequence[tuple[int, Sequence[Judged]]]) -> Spread | None:
    """Take the spread and the tolerance from windows without drift.

    Parameters
    ----------
    windows
        Start of each in UTC nanoseconds and what was found, in their order, judged without a
        stated tolerance. Whether something is not by chance does not depend on it.

    Returns
    -------
    None where fewer than two windows could be judged.
    """
    fit = [one for one in windows if any(found.q_value is not None for found in one[1])]
    if len(fit) < 2:
        return None
    held = _read(monitor, [found for _, found in fit])
    starts = [start_ns for start_ns, _ in fit]
    return measured(held, starts, monitor.alpha, monitor.confirmations)


def measured(held: Windows, starts: Sequence[int], alpha: float, confirmations: int) -> Spread:
    """Take the spread and the tolerance from what windows showed.

    Parameters
    ----------
    starts
        Of the windows, UTC nanoseconds.
    alpha, confirmations
        Of the monitor.
    """
    scale, others, unknown = _scales(held)
    scores = held.over(others)
    factor = _least(scores, alpha, confirmations)
    sure, alarms = scores.sure.max(axis=1), alarmed_at(scores, confirmations)
    found = np.unravel_index(int(scores.sure.argmax()), scores.sure.shape) if factor else None
    return Spread(
        windows=len(starts),
        windows_needed=math.ceil(round(1 / alpha - 1, 6)),
        tolerance=_least(held, alpha, confirmations) or None,
        factor=factor,
        suspicions=level(_beyond(sure, factor), len(starts)),
        alarms=level(_beyond(alarms, factor), len(starts)),
        spreads=dict(zip(held.keys, scale.tolist(), strict=True)),
        unknown=unknown,
        driven_by=held.keys[int(found[1])] if found else None,
        driven_ns=starts[int(found[0])] if found else 0,
    )


def _read(monitor: Monitor, windows: Sequence[Sequence[Judged]]) -> Windows:
    keys = sorted(
        {one.finding.key for found in windows for one in found if one.q_value is not None}
    )
    places = {key: place for place, key in enumerate(keys)}
    shape = (len(windows), len(keys))
    sure, likely, size = np.zeros(shape), np.zeros(shape), np.full(shape, np.nan)
    for row, found in enumerate(windows):
        for one in found:
            finding = one.finding
            if one.q_value is None:
                continue
            at = (row, places[finding.key])
            size[at] = max(abs(finding.estimate or 0.0), finding.tolerance or 0.0)
            if finding.traffic_share >= monitor.traffic_share_min:
                likely[at] = finding.middle
                sure[at] = finding.nearest if one.q_value <= monitor.alpha else 0.0
    return Windows(keys, sure, likely, size)


def _scales(held: Windows) -> tuple[Floats, Floats, dict[tuple[str, str], float]]:
    """Give each key's spread, the same without the window it is to judge, and those of features."""
    known = ~np.isnan(held.size)
    counts = known.sum(axis=0)
    sums = np.nansum(held.size, axis=0)
    means = sums / np.maximum(counts, 1)
    dense = (counts >= 2) & (2 * counts >= known.shape[0])
    unknown: dict[tuple[str, str], float] = {}
    # Where nothing is dense everything is sparse alike.
    for place in np.flatnonzero(dense if dense.any() else counts > 0):
        name = (held.keys[place][0], held.keys[place][3])
        unknown[name] = max(unknown.get(name, 0.0), float(means[place]))
    most = max(unknown.values())
    instead = np.array([unknown.get((key[0], key[3]), most) for key in held.keys])
    scale = np.where(dense, means, np.maximum(instead, means))
    left = (sums - np.where(known, held.size, 0.0)) / np.maximum(counts - known, 1)
    others = np.where(dense & known, left, scale)
    return np.maximum(scale, 1e-300), np.maximum(others, 1e-300), unknown


def _least(held: Windows, alpha: float, confirmations: int) -> float:
    """Give the least tolerance that keeps suspicions at alpha and alarms at what is stated."""
    suspicions = conformal(held.sure.max(axis=1), alpha)
    alarms = conformal(alarmed_at(held, confirmations), alpha ** (1 + confirmations))
    return raised(max(suspicions, alarms))


def _beyond(scores: Floats, tolerance: float) -> int:
    return int(np.count_nonzero((scores >= tolerance) & (scores > 0)))


def alarmed_at(held: Windows, confirmations: int) -> Floats:
    """Give the largest tolerance at which each window alarms, shape (windows,).

    The rule of `drift.monitors.rule` read backwards: a streak of j + 1 windows stands at every
    tolerance up to `standing[j]`. That a confirmation is tested among suspects is left out, which
    can only make it larger.
    """
    known = ~np.isnan(held.size)
    standing = [np.zeros(len(held.keys)) for _ in range(confirmations + 1)]
    found = np.zeros(known.shape[0])
    for row, judged in enumerate(known):
        likely = held.likely[row]
        begun = np.maximum(held.sure[row], np.minimum(likely, standing[0]))
        longer = [np.minimum(likely, one) for one in standing[:-1]]
        standing = [
            np.where(judged, new, old) for new, old in zip([begun, *longer], standing, strict=True)
        ]
        found[row] = np.where(judged, standing[-1], 0.0).max()
    return found
