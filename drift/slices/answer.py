"""What a search found."""

from __future__ import annotations

from dataclasses import dataclass

from drift.slices.confirmation import Check
from drift.slices.predicates import Predicate
from drift.slices.rows import Portion
from drift.slices.search import Tally


@dataclass(frozen=True, slots=True)
class Slice:
    """One slice.

    Parameters
    ----------
    size, mean
        Rows and mean error among the searched rows.
    check
        Of the held-out rows; None where none were held out.
    confidence
        Mean in the reference and in the window, for drift; None where no decision has one.
    """

    predicates: tuple[Predicate, ...]
    size: int
    mean: float
    score: float
    check: Check | None
    confidence: tuple[float | None, float | None] | None


@dataclass(frozen=True, slots=True)
class Answer:
    """Slices, the best first, and how they were found.

    Parameters
    ----------
    portions
        What was read, of the reference first.
    searched, held_out, left_out
        Rows that were searched, that only tested, and that could not count.
    base
        Mean error of the searched rows; None without any.
    support
        Least rows of a slice.
    features_left_out
        Features beyond the most a search takes.
    reason
        Why there are no slices, where there are none.
    """

    portions: tuple[Portion, ...]
    searched: int
    held_out: int
    left_out: int
    base: float | None
    support: int
    features: tuple[str, ...]
    features_left_out: int
    predicates: int
    slices: tuple[Slice, ...]
    reason: str | None
    tally: Tally
    engine: str
    engine_reason: str
    seconds: float
