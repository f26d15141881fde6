"""What is asked of a search for slices."""

from __future__ import annotations

from dataclasses import dataclass

from drift.slices.targets import Target
from web.window import Window


@dataclass(frozen=True, slots=True)
class Against:
    """The window of a model that another is compared with, and its reference, where it has one."""

    window: Window
    model: str
    reference_id: str = ""
    reference_version: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """One search.

    Parameters
    ----------
    against
        Needed for drift, and for nothing else.
    features
        Names; empty for all that were seen.
    alpha
        Weight of the error against the size.
    support_share
        Least share of the searched rows a slice has.
    cells
        Most cells a number is cut into.
    holdout_share
        Of the rows, kept for the test; 0 tests nothing.
    level
        False discovery rate of what is called confirmed.
    """

    tenant: str
    model: str
    window: Window
    target: Target
    against: Against | None = None
    features: tuple[str, ...] = ()
    dimensions: tuple[str, ...] = ()
    alpha: float = 0.95
    support_share: float = 0.01
    level_max: int = 3
    k: int = 10
    cells: int = 8
    holdout_share: float = 0.5
    level: float = 0.05
    seed: int = 0
