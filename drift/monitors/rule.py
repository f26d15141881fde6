"""When a window is worth an alarm: a pure decision over what was found in it and just before.

Four things have to hold, each for a fault that a p-value alone has: not by chance over all
features, slices and windows; an effect that surely reaches the tolerance; enough of the traffic;
and the same again in the next disjoint window, tested there at the same level and likely as large.

Without drift a window raises a suspicion with probability at most alpha, and since the window
that confirms is fresh data, an alarm with at most alpha ** (1 + confirmations).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from drift.monitors.corrections import e_adjusted, hierarchical
from drift.statistics.e_values import from_p_values
from drift.statistics.false_discovery import adjusted

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

#: It rises when the same findings would give another verdict.
VERSION = 1

QUIET, SIGNIFICANT, SUSPECTED, CONFIRMED, COOLING, UNABLE = range(1, 7)
#: States by the number the store has for them.
STATES = {
    QUIET: "quiet",
    SIGNIFICANT: "significant",
    SUSPECTED: "suspected",
    CONFIRMED: "confirmed",
    COOLING: "cooling",
    UNABLE: "unable",
}


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a window; every array has one entry a key.

    Parameters
    ----------
    p
        NaN for what could not be judged.
    matters, likely
        Whether the effect surely reaches the tolerance, and whether it likely does.
    busy
        Whether the slice has enough of the traffic.
    families
        Feature of each key, 0 to features - 1.
    """

    p: Floats
    matters: Flags
    likely: Flags
    busy: Flags
    families: Integers


@dataclass(frozen=True, slots=True)
class Memory:
    """What the windows before leave behind for each key.

    Parameters
    ----------
    evidence
        The e-detector: e-values multiplied from the window that gives the most.
    streak
        Windows in a row that showed the same: the suspicion, then its confirmations.
    """

    evidence: Floats
    streak: Integers

    @classmethod
    def blank(cls, keys: int) -> Memory:
        """Remember nothing."""
        return cls(np.ones(keys), np.zeros(keys, dtype=np.int64))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a window came to; every array has one entry a key.

    Parameters
    ----------
    q
        After correction over everything; compared with alpha.
    state
        A key of `STATES`.
    memory
        For the next window.
    """

    q: Floats
    state: Integers
    memory: Memory


def judge(found: Found, memory: Memory, alpha: float, confirmations: int) -> Verdict:
    """Decide upon a window.

    Parameters
    ----------
    alpha
        Accepted probability of a suspicion in a window without drift; half of it goes to the window
        by itself, half to the evidence over windows.
    confirmations
        Following windows that have to show the same; 0 alarms at once.
    """
    judged = ~np.isnan(found.p)
    window = from_p_values(np.where(judged, found.p, 1.0))
    evidence = np.where(judged, np.maximum(memory.evidence, 1.0) * window, memory.evidence)
    # What is beyond what suffices is not hoarded, or an alarm would outlast its drift by days.
    evidence = np.minimum(evidence, 4 * max(int(np.count_nonzero(judged)), 1) / alpha)
    alone = hierarchical(found.p, found.families, alpha / 2)
    # The past raises a suspicion only where this window adds to it; otherwise it is one e-value
    # of 1 among the others.
    over_time = e_adjusted(np.where(judged, np.where(window > 1, evidence, 1.0), np.nan))
    q = np.where(judged, np.minimum(2 * np.fmin(alone, over_time), 1.0), np.nan)
    fit = found.matters & found.busy & judged
    significant = judged & (q <= alpha)
    streak = np.where(significant & fit, 1, 0)
    # What made a suspicion was chosen for its size; the fresh window says what size it has.
    again = _confirmed_again(found.p, judged & (memory.streak > 0), alpha)
    again &= found.likely & found.busy
    streak = np.where(again, memory.streak + 1, streak)
    streak = np.where(judged, streak, memory.streak)
    state = np.full(found.p.shape, QUIET, dtype=np.int64)
    state[significant] = SIGNIFICANT
    state[streak > 0] = SUSPECTED
    state[streak > confirmations] = CONFIRMED
    state[~judged] = UNABLE
    return Verdict(q, state, Memory(evidence, streak))


def _confirmed_again(p: Floats, suspects: Flags, alpha: float) -> Flags:
    """Test the suspects alone: they were chosen by other data, so the others do not count."""
    return adjusted(np.where(suspects, p, np.nan)) <= alpha
