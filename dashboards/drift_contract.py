"""Shapes of the answers about drift, as far as the pages read them.

A number that is not finite comes as text or null; `drift_words.number` reads all of them.
"""

from __future__ import annotations

from typing import Any, TypedDict

from dashboards.contract import Answer

Number = float | str | None


class HeatCell(TypedDict):
    """One feature in one stretch of time against the reference."""

    start: str
    n: int
    estimate: Number
    low: Number
    high: Number
    p_value: Number
    reason: str | None


class HeatRow(TypedDict):
    """One feature over time."""

    feature: str
    kind: str
    cells: list[HeatCell]


class Heat(Answer):
    """Every feature over time."""

    reference: dict[str, Any]
    statistic: str
    starts: list[str]
    features: list[HeatRow]


#: One cell of a feature: `label`, `from` and `to` (null where it is open, or of a text), and how
#: many of `reference` and of `current` are in it.
Cell = dict[str, Any]
#: One statistic of a feature: `estimate` with `low`, `high`, `p_value`, both counts and `method`.
Outcome = dict[str, Any]


class Distribution(Answer):
    """A feature as it was and as it is."""

    feature: str
    kind: str
    n_reference: int
    n_current: int
    cells: list[Cell]
    special: dict[str, dict[str, int]]
    results: list[Outcome]
    left_out: list[dict[str, str]]


class SliceSearch(TypedDict):
    """What one search for slices found."""

    id: str
    target: str
    window: dict[str, str]
    created_at: str
    rows: int
    rows_searched: int
    rows_held_out: int
    base: Number
    confirmed: int
    reason: str | None
    complete: bool
    read_because: str
    items: list[dict[str, Any]]
    evaluated: int
    pruned: int
    seconds: float
    engine: str


class Performance(Answer):
    """How sure a model was, what that lets expect, and what labels showed."""

    items: list[dict[str, Any]]
    calibration: dict[str, Any]
    concept_drift: dict[str, Any]


class Calibration(Answer):
    """How often a model was right, by how sure it was."""

    n: int
    ece: dict[str, Number] | None
    bins: list[dict[str, Any]]


class DryRun(TypedDict):
    """How often a monitor would have alarmed."""

    windows: int
    judged: int
    alarms: int
    would_alarm: list[dict[str, Any]]
    false_alarm_rate: dict[str, Number]
    #: None where too few windows of the reference could be judged.
    suggested_tolerance: dict[str, Any] | None
    by_window: list[dict[str, Any]]
