"""What is not as it was: values that are missing, values without a cell, features that came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drift.codes import MISSING, NAN, UNSEEN, WRONG_KIND
from drift.monitors import shares
from drift.monitors.comparison import Compared, few
from drift.monitors.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Shares of the values that are there, by what they are called.
_ODDITIES = {"unseen_share": UNSEEN, "wrong_kind_share": WRONG_KIND, "nan_share": NAN}


def missing(held: Compared) -> list[Finding]:
    """Compare the share of decisions without the feature."""
    found = []
    for place, key in enumerate(held.keys):
        before, now = held.before[place], held.now[place]
        counted = (int(before[MISSING]), int(before.sum()), int(now[MISSING]), int(now.sum()))
        found.append(_share(held, place, "missing_share", counted, key.feature))
    return found


def schema(held: Compared) -> list[Finding]:
    """Compare the shares of values without a cell; and say which features went."""
    found: list[Finding] = []
    for place, key in enumerate(held.keys):
        found += _oddities(held, place, key.feature)
    return found


def additions(held: Compared, added: Mapping[str, tuple[int, int]]) -> list[Finding]:
    """Say which features came.

    Parameters
    ----------
    added
        Features that the reference's window did not have: decisions with it, and all decisions.
    """
    return [_added(held, *one) for one in sorted(added.items())]


def _oddities(held: Compared, place: int, feature: str) -> Iterator[Finding]:
    before, now = held.before[place], held.now[place]
    present = (int(before.sum() - before[MISSING]), int(now.sum() - now[MISSING]))
    for statistic, code in _ODDITIES.items():
        # What neither side has is no test: which codes occur at all says nothing about drift.
        if before[code] or now[code]:
            counted = (int(before[code]), present[0], int(now[code]), present[1])
            yield _share(held, place, statistic, counted, feature)
    if now.sum() and not present[1]:
        total = int(before.sum())
        counted = (total - present[0], total, int(now.sum()), int(now.sum()))
        yield _share(held, place, "missing_share", counted, feature)


def _share(
    held: Compared, place: int, statistic: str, counted: tuple[int, int, int, int], feature: str
) -> Finding:
    key, monitor = held.keys[place], held.monitor
    before, n_before, now, n_now = counted
    named: dict[str, Any] = {
        "feature": feature,
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
    for side, total in (("window", n_now), ("reference", n_before)):
        if total < monitor.rows_min:
            return Finding(**named, unable=few(side, total, monitor.rows_min))
    return _judged(held, named, (before, n_before, now, n_now))


def _added(held: Compared, feature: str, counted: tuple[int, int]) -> Finding:
    now, n_now = counted
    n_before = max((int(row.sum()) for row in held.before), default=0)
    named: dict[str, Any] = {
        "feature": feature,
        "dimension": "",
        "value": "",
        "statistic": "added_share",
        "reference_id": held.reference.id,
        "reference_version": held.reference.version,
        "n_reference": n_before,
        "n_current": n_now,
        "traffic_share": 1.0,
    }
    for side, total in (("window", n_now), ("reference", n_before)):
        if total < held.monitor.rows_min:
            return Finding(**named, unable=few(side, total, held.monitor.rows_min))
    return _judged(held, named, (0, n_before, min(now, n_now), n_now))


def _judged(held: Compared, named: dict[str, Any], counted: tuple[int, int, int, int]) -> Finding:
    found = shares.share(*counted)
    tolerance = held.monitor.tolerance
    return Finding(
        **named,
        estimate=found.estimate,
        low=found.low,
        high=found.high,
        p_value=found.p_value,
        tolerance=found.by_chance if tolerance is None else tolerance,
        method={
            **shares.METHOD,
            "test_statistic": found.test_statistic,
            "reference_count": counted[0],
            "current_count": counted[2],
            "baseline": held.reference.baseline.kind,
            "tolerance_rule": "stated" if tolerance is not None else "by_chance",
        },
    )
