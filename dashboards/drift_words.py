"""Statistics and their numbers in words; pure functions, the same text on every page."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dashboards.formatters import ABSENT
from dashboards.window import CUSTOM

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from dashboards.drift_contract import Number
    from dashboards.window import Window

#: Statistics a heat map is coloured by: how each reads, and from where on it is as dark as can be.
HEAT: dict[str, tuple[str, float]] = {
    "population_stability": ("Population stability (PSI)", 0.5),
    "jensen_shannon": ("Jensen-Shannon", 0.3),
    "hellinger": ("Hellinger", 0.5),
    "total_variation": ("Total variation", 0.5),
    "kolmogorov_smirnov": ("Kolmogorov-Smirnov", 0.5),
    "wasserstein": ("Wasserstein", 0.0),
}

#: What a decision has besides its features, as the API names it.
OWN: dict[str, str] = {
    "@confidence": "confidence",
    "@outcome": "outcome",
    "@input_tokens": "input tokens",
    "@output_tokens": "output tokens",
    "@duration_s": "duration (s)",
}

STATISTICS: dict[str, str] = {
    **{name: label for name, (label, _) in HEAT.items()},
    "wasserstein": "Wasserstein-1",
    "cramer_von_mises": "Cramér-von Mises",
    "anderson_darling": "Anderson-Darling",
    "mann_whitney": "Mann-Whitney",
    "energy_distance": "Energy distance",
    "kullback_leibler": "Kullback-Leibler",
    "l_infinity": "L-infinity",
    "chi_square": "Chi-square",
    "g_test": "G test",
    "fisher": "Fisher",
    "mmd": "Maximum mean discrepancy",
    "mean_difference": "Difference of means",
    "standardised_mean_difference": "Difference of means (std)",
}

#: Length of one cell of a heat map, in hours.
STEPS: dict[str, float] = {"hour": 1, "6h": 6, "day": 24}

_HOURS_BY_HOUR_MAX = 48
_HOURS_BY_6H_MAX = 8 * 24


def aligned(window: Window, step_hours: float, now: datetime) -> dict[str, str]:
    """Give a window as the API takes it, begun at a whole cell: days are whole days in UTC."""
    if window.name == CUSTOM:
        return window.params
    begun = int((now - timedelta(hours=window.hours)).timestamp())
    seconds = int(3600 * step_hours)
    return {"from": str(begun - begun % seconds)}


def step(window: Window) -> str:
    """Choose the length of a cell that suits a window."""
    if window.hours <= _HOURS_BY_HOUR_MAX:
        return "hour"
    return "6h" if window.hours <= _HOURS_BY_6H_MAX else "day"


def number(value: Number) -> float | None:
    """Read a number of an answer; one that is not finite is none."""
    if value is None:
        return None
    read = float(value)
    return read if math.isfinite(read) else None


def figure(value: Number) -> str:
    """Write a statistic with three significant digits."""
    read = number(value)
    if read is None:
        return ABSENT if value is None else "∞" if str(value) == "Infinity" else str(value)
    return "0" if read == 0 else f"{read:,.3g}" if abs(read) < 1e6 else f"{read:.2e}"


def interval(low: Number, high: Number, level: float = 0.95) -> str:
    """Write the bounds of an interval, or that there are none; certain ones are marked."""
    if low is None and high is None:
        return ABSENT
    return f"{figure(low)} to {figure(high)}{' *' if level == 1 else ''}"


def probability(value: Number) -> str:
    """Write a p-value; a tiny one never reads as zero."""
    read = number(value)
    if read is None:
        return ABSENT
    return "< 0.0001" if read < 0.0001 else f"{read:.4f}".rstrip("0").rstrip(".") or "0"


def percent(value: Number) -> str:
    """Write a share of 0 to 1 in per cent; a small one never reads as zero."""
    read = number(value)
    if read is None:
        return ABSENT
    return f"{100 * read:.2g} %" if 0 < abs(read) < 0.001 else f"{100 * read:.1f} %"


def band(found: Mapping[str, Any] | None) -> str:
    """Write the interval of an estimate in per cent."""
    if not found or number(found["low"]) is None:
        return "no interval"
    return f"95 %: {percent(found['low'])} to {percent(found['high'])}"


def statistic(name: str) -> str:
    """Write a statistic's name; one of a newer service by its own."""
    return STATISTICS.get(name, name.replace("_", " "))


def feature(name: str) -> str:
    """Write a feature's name; what a decision has besides its features reads as words."""
    return OWN.get(name, name.removeprefix("@").replace("_", " ") if name[:1] == "@" else name)


def slice_of(dimension: str, value: str) -> str:
    """Write which part of the traffic is meant."""
    if not dimension:
        return "all traffic"
    return f"{dimension.removeprefix('feature:').replace('_', ' ')} {value or 'not recorded'}"
