"""A window and its baseline as arrays of counts, key by key, with what cannot be compared said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from drift.cells import EVERYTHING, Cells, Key
from drift.codes import CODES
from drift.monitors.monitor import Monitor
from drift.reference import Reference

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Compared:
    """What a window is compared with; arrays have one row a key.

    Parameters
    ----------
    whole
        What the reference's own window holds of each feature in all decisions together: it cuts
        the cells into groups.
    before, now
        Counts by code, shape (keys, `codes.CODES`).
    traffic
        Share of the window's decisions in each slice.
    """

    monitor: Monitor
    reference: Reference
    whole: Mapping[str, Integers]
    keys: list[Key]
    before: Integers
    now: Integers
    traffic: npt.NDArray[np.float64]

    @property
    def features(self) -> list[str]:
        """Names of the features compared, in the order of their keys."""
        return list(dict.fromkeys(key.feature for key in self.keys))


def compared(
    monitor: Monitor,
    reference: Reference,
    whole: Mapping[str, Integers],
    before: Mapping[Key, Cells],
    now: Mapping[Key, Cells],
) -> Compared:
    """Put a window beside its baseline: every watched feature and slice that either of them has."""
    dimensions = {"", *monitor.slices}
    keys = sorted(
        key
        for key in before.keys() | now.keys()
        if key.dimension in dimensions
        and key.feature in reference.features
        and monitor.watches(key.feature)
    )
    counted = _counts(now, keys)
    totals = counted.sum(axis=1)
    decisions = {
        key.feature: total
        for key, total in zip(keys, totals, strict=True)
        if (key.dimension, key.value) == EVERYTHING
    }
    base = np.array([max(decisions.get(key.feature, 0), 1) for key in keys], dtype=np.float64)
    return Compared(
        monitor,
        reference,
        whole,
        keys,
        _counts(before, keys),
        counted,
        np.minimum(totals / base, 1),
    )


def few(name: str, rows: int, least: int) -> str:
    """Say that there are too few to judge."""
    if not rows:
        return f"no decisions in the {name}"
    return f"fewer than {least} values in the {name}"


def _counts(held: Mapping[Key, Cells], keys: list[Key]) -> Integers:
    if not keys:
        return np.zeros((0, CODES), dtype=np.int64)
    nothing = np.zeros(CODES, dtype=np.int64)
    return np.stack([held[key].counts if key in held else nothing for key in keys])
