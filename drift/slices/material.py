"""What a search is made of: rows that count, some held out, and a column for each feature."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from drift.reference import DIMENSIONS, FEATURE_DIMENSION
from drift.slices import targets
from drift.slices.columns import Column, column
from drift.slices.confirmation import held_out
from drift.slices.rows import MISSING, Asked, Rows, Values
from drift.slices.targets import Aim, Target

if TYPE_CHECKING:
    from drift.slices.question import Question

Mask = npt.NDArray[np.bool_]

#: Least rows of a slice, however small the table.
SUPPORT_MIN = 10


@dataclass(frozen=True, slots=True)
class Material:
    """Rows of one question.

    Parameters
    ----------
    held
        Shape (rows that count,): whether a row only tests.
    columns
        Of every row that counts.
    names
        Features with values, dimensions included.
    """

    rows: Rows
    aim: Aim
    held: Mask
    support: int
    columns: tuple[Column, ...]
    names: tuple[str, ...]
    names_left_out: int


def windows(question: Question, rows_max: int) -> list[Asked]:
    """Say what is to be read: of drift the reference's window first."""
    drifts = question.target is Target.DRIFT and question.against is not None
    held = [question.against.window] if drifts and question.against else []
    return [
        Asked(
            question.tenant,
            question.model,
            window,
            labelled=question.target is Target.ERROR,
            confident=question.target is Target.LOW_CONFIDENCE,
            features=question.features,
            rows_max=rows_max,
        )
        for window in [*held, question.window]
    ]


def material(question: Question, rows: Rows, features_max: int) -> Material:
    """Prepare what was read."""
    aim = _aim(question.target, rows)
    held = held_out(rows.hashes[aim.kept], question.holdout_share, question.seed)
    searched = int(np.count_nonzero(~held))
    support = max(SUPPORT_MIN, math.ceil(question.support_share * searched))
    values = _values(question, rows)
    # The most often sent first: of too many features those are tried.
    ranked = sorted(values, key=lambda name: -np.count_nonzero(values[name].texts != MISSING))
    chosen = sorted(ranked[:features_max])
    columns = tuple(
        column(
            name,
            values[name].numbers[aim.kept],
            values[name].texts[aim.kept],
            values[name].words,
            cells=question.cells,
            support=support,
        )
        for name in chosen
    )
    return Material(rows, aim, held, support, columns, tuple(chosen), len(ranked) - len(chosen))


def _aim(target: Target, rows: Rows) -> Aim:
    if target is Target.ERROR:
        return targets.wrong(rows)
    if target is Target.LOW_CONFIDENCE:
        return targets.unsure(rows)
    return targets.newly_come(*(portion.rows for portion in rows.portions))


def _values(question: Question, rows: Rows) -> dict[str, Values]:
    dimensions = {name: rows.dimensions[name] for name in question.dimensions}
    # A feature may be called like a dimension.
    features = {
        f"{FEATURE_DIMENSION}{name}" if name in DIMENSIONS else name: values
        for name, values in rows.features.items()
    }
    return dimensions | features
