"""How large a drift is, for all keys at once: the numbers alarms are measured by.

An interval comes from the noncentral chi-square distribution of the test. All these statistics are
near no drift a power of its noncentrality, so a bound scales the estimate by the bound over the
test's statistic: exact for small drift, and never above the estimate for large.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import special

from drift.monitors.homogeneity import Tested, noncentrality

if TYPE_CHECKING:
    from collections.abc import Callable

Floats = npt.NDArray[np.float64]
Shares = Floats


@dataclass(frozen=True, slots=True)
class Effects:
    """Effects of many keys; every array has one entry a key.

    Parameters
    ----------
    low, high
        At 95 %; `high` is infinite where it was not asked for.
    by_chance
        What samples of these sizes show on average without drift.
    """

    estimate: Floats
    low: Floats
    high: Floats
    by_chance: Floats


def population_stability(p: Shares, q: Shares) -> Floats:
    """Sum (q - p) ln(q / p); in nats, 0 for no drift."""
    found: Floats = ((q - p) * np.log(q / p)).sum(axis=1)
    return found


def jensen_shannon(p: Shares, q: Shares) -> Floats:
    """Square root of the divergence to base 2, 0 to 1."""
    middle = (p + q) / 2
    divergence = (special.rel_entr(p, middle) + special.rel_entr(q, middle)).sum(axis=1)
    found: Floats = np.sqrt(np.maximum(divergence / (2 * np.log(2)), 0.0))
    return found


def hellinger(p: Shares, q: Shares) -> Floats:
    """Distance 0 to 1: sqrt(1 - sum sqrt(p q))."""
    found: Floats = np.sqrt(np.maximum(1 - np.sqrt(p * q).sum(axis=1), 0.0))
    return found


def total_variation(p: Shares, q: Shares) -> Floats:
    """Share of decisions that lie in another group, 0 to 1."""
    found: Floats = np.abs(p - q).sum(axis=1) / 2
    return found


#: What an alarm can be measured by: the function of shares, the power of the noncentrality it
#: goes with, and the count added to every group first, as ln 0 is none.
EFFECTS: dict[str, tuple[Callable[[Shares, Shares], Floats], float, float]] = {
    "population_stability": (population_stability, 1.0, 0.5),
    "jensen_shannon": (jensen_shannon, 0.5, 0.0),
    "hellinger": (hellinger, 0.5, 0.0),
    "total_variation": (total_variation, 0.5, 0.0),
}
#: The one where a monitor names none.
DEFAULT = "population_stability"


def effects(statistic: str, tests: Tested, *, upper: bool = True) -> Effects:
    """Measure the drift of tested keys.

    Parameters
    ----------
    statistic
        A name in `EFFECTS`.
    upper
        Whether upper bounds are worked out.
    """
    function, power, added = EFFECTS[statistic]
    filled = (tests.reference + tests.current) > 0
    p, q = _shares(tests.reference, filled, added), _shares(tests.current, filled, added)
    # Groups that are empty on both sides take no part; ln(1 / 1) is 0.
    neutral = np.where(filled, 0.0, 1.0) if added else 0.0
    estimate = function(p + neutral, q + neutral)
    low, high = noncentrality(tests.statistic, tests.freedom, upper=upper)
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled_low = estimate * (low / tests.statistic) ** power
        scaled_high = estimate * (high / tests.statistic) ** power
        chance = estimate * (tests.freedom / tests.statistic) ** power
    if statistic == "total_variation":
        scaled_high = np.maximum(scaled_high, _total_variation_high(p, q, tests, estimate))
    flat = tests.statistic <= 0
    return Effects(
        estimate,
        np.where(flat, 0.0, scaled_low),
        np.where(flat, np.inf, scaled_high),
        np.where(flat, 0.0, chance),
    )


def _total_variation_high(p: Shares, q: Shares, tests: Tested, estimate: Floats) -> Floats:
    """Bound total variation from above, as it is no square root of anything smooth.

    The estimate is on average too high, so that a normal bound on the signed sum of differences
    suffices.
    """
    sign = np.sign(q - p)
    spread_p = (1 - (sign * p).sum(axis=1) ** 2) / np.maximum(tests.reference.sum(axis=1), 1)
    spread_q = (1 - (sign * q).sum(axis=1) ** 2) / np.maximum(tests.current.sum(axis=1), 1)
    high: Floats = estimate + special.ndtri(0.975) * np.sqrt(spread_p + spread_q) / 2
    return high


def _shares(counts: npt.NDArray[np.int64], filled: npt.NDArray[np.bool_], added: float) -> Shares:
    raised = np.where(filled, counts + added, 0.0)
    found: Shares = raised / np.maximum(raised.sum(axis=1, keepdims=True), 1e-300)
    return found
