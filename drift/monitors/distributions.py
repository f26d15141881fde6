"""Drift of how values are distributed: features, predictions, confidence, lengths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from drift.codes import MISSING
from drift.monitors import homogeneity
from drift.monitors.coarsening import (
    NUMBER_LEVELS,
    ORDINARY,
    TEXT_LEVELS,
    grouped,
    groups,
)
from drift.monitors.comparison import Compared, few
from drift.monitors.effects import DEFAULT, EFFECTS, Effects, effects
from drift.monitors.finding import Finding
from drift.monitors.homogeneity import Tested, tested
from sql.errors import InvalidInputError

if TYPE_CHECKING:
    import numpy.typing as npt

_LEVELS = np.stack([NUMBER_LEVELS, TEXT_LEVELS])


def chosen(statistic: str) -> str:
    """Check the effect a monitor names; raises InvalidInputError for one that is none of these."""
    if statistic and statistic not in EFFECTS:
        raise InvalidInputError(
            f"statistic is {statistic!r}; this kind of monitor takes {', '.join(EFFECTS)}.",
            field="statistic",
        )
    return statistic or DEFAULT


def findings(held: Compared) -> list[Finding]:
    """Test every key of a window; missing values are left to monitors of that kind."""
    if not held.keys:
        return []
    statistic = chosen(held.monitor.statistic)
    before, now = _grouped(held, held.before), _grouped(held, held.now)
    tests = tested(before, now, _LEVELS, _kinds(held), ORDINARY)
    measured = effects(statistic, tests)
    return [_finding(held, statistic, place, tests, measured) for place in range(len(held.keys))]


def _grouped(held: Compared, counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    cut = {
        name: groups(held.reference.features[name], held.whole.get(name, np.zeros(0)))
        for name in held.features
    }
    present = counts.copy()
    present[:, MISSING] = 0
    return grouped(present, np.stack([cut[key.feature] for key in held.keys]))


def _kinds(held: Compared) -> npt.NDArray[np.int64]:
    features = held.reference.features
    return np.array([features[key.feature].kind == "text" for key in held.keys], dtype=np.int64)


def _finding(
    held: Compared, statistic: str, place: int, tests: Tested, measured: Effects
) -> Finding:
    key, monitor = held.keys[place], held.monitor
    n_before, n_now = int(tests.reference[place].sum()), int(tests.current[place].sum())
    named: dict[str, Any] = {
        "feature": key.feature,
        "dimension": key.dimension,
        "value": key.value,
        "statistic": statistic,
        "reference_id": held.reference.id,
        "reference_version": held.reference.version,
        "n_reference": n_before,
        "n_current": n_now,
        "traffic_share": float(held.traffic[place]),
        "counts": held.now[place],
    }
    reason = _unable(held, place, n_before, n_now) or _constant(tests, place)
    if reason:
        return Finding(**named, unable=reason)
    tolerance = monitor.tolerance
    return Finding(
        **named,
        estimate=float(measured.estimate[place]),
        low=float(measured.low[place]),
        high=float(measured.high[place]) if np.isfinite(measured.high[place]) else None,
        p_value=float(tests.p[place]),
        tolerance=float(measured.by_chance[place]) if tolerance is None else tolerance,
        method={
            "test": "likelihood_ratio_williams",
            "test_version": homogeneity.VERSION,
            "test_statistic": float(tests.statistic[place]),
            "freedom": int(tests.freedom[place]),
            "level": int(tests.level[place]),
            "added": EFFECTS[statistic][2],
            "interval": "noncentral_chi_square",
            "baseline": held.reference.baseline.kind,
            "reference_groups": written(tests.reference[place]),
            "current_groups": written(tests.current[place]),
            "tolerance_rule": "stated" if tolerance is not None else "by_chance",
            "engine": "numpy",
        },
    )


def written(counts: npt.NDArray[np.int64]) -> str:
    """Write counts of groups; with them a row can be computed again when its reference is gone."""
    return ",".join(map(str, counts.tolist()))


def _unable(held: Compared, place: int, n_before: int, n_now: int) -> str:
    least = held.monitor.rows_min
    if held.now[place].sum() and not n_now:
        return "every value is missing in the window"
    if held.before[place].sum() and not n_before:
        return "every value is missing in the reference"
    if n_now < least:
        return few("window", n_now, least)
    return few("reference", n_before, least) if n_before < least else ""


def _constant(tests: Tested, place: int) -> str:
    return "" if tests.freedom[place] else "one and the same value in window and reference"
