"""A search from question to answer: rows, columns, the best slices, their test on held-out rows."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from drift.slices.answer import Answer, Slice
from drift.slices.columns import Column
from drift.slices.confirmation import checked
from drift.slices.engine.choice import engine_of
from drift.slices.material import material, windows
from drift.slices.rows import read_rows
from drift.slices.score import Score
from drift.slices.search import Search, Tally
from drift.slices.table import table
from drift.slices.targets import Target, is_probability

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drift.parts import DriftParts
    from drift.slices.best import Found
    from drift.slices.confirmation import Check
    from drift.slices.material import Mask, Material
    from drift.slices.predicates import Predicate
    from drift.slices.question import Question
    from drift.slices.rows import Rows
    from drift.slices.table import Table


class Finder:
    """Answers questions about slices."""

    def __init__(self, parts: DriftParts) -> None:
        self._store = parts.store
        self._settings = parts.settings

    def find(self, question: Question) -> Answer:
        """Read and search; it keeps processors busy until it is done."""
        started = time.perf_counter()
        asked = windows(question, self._settings.slices_rows_max)
        held = material(question, read_rows(self._store, asked), self._settings.slices_features_max)
        made = _searched(held)
        found, tally, engine, why = self._found(question, made)
        slices = _slices(question, held, made, found)
        return Answer(
            portions=held.rows.portions,
            searched=made.rows,
            held_out=int(np.count_nonzero(held.held)),
            left_out=held.aim.left_out,
            base=made.errors.total * made.errors.unit / made.rows if made.rows else None,
            support=held.support,
            features=held.names,
            features_left_out=held.names_left_out,
            predicates=len(made.predicates),
            slices=slices,
            reason=None if slices else _reason(made, held.support),
            tally=tally,
            engine=engine,
            engine_reason=why,
            seconds=time.perf_counter() - started,
        )

    def _found(self, question: Question, made: Table) -> tuple[list[Found], Tally, str, str]:
        if not made.errors.total or not made.predicates:
            return [], Tally(), "none", "there was nothing to count"
        score = Score(made.rows, made.errors.total, question.alpha, made.support)
        chosen, why = engine_of(made.bitmaps, made.rows, self._settings)
        with chosen as engine:
            search = Search(
                engine,
                score,
                made.feature_of,
                k=question.k,
                level_max=question.level_max,
                evaluated_max=self._settings.slices_evaluated_max,
            )
            return search.run(made.basic), search.tally, engine.name, why


def _searched(held: Material) -> Table:
    kept = ~held.held
    columns = [Column(one.feature, one.codes[kept], one.predicates) for one in held.columns]
    return table(columns, held.aim.errors[kept], support=held.support)


def _slices(
    question: Question, held: Material, made: Table, found: Sequence[Found]
) -> tuple[Slice, ...]:
    members = [_mask(held, made, one) for one in found]
    checks: list[Check] | list[None] = [None] * len(found)
    if held.held.any():
        checks = checked(held.aim.errors[held.held], [mask[held.held] for mask in members])
    return tuple(
        Slice(
            _conditions(made, one),
            one.size,
            float(held.aim.errors[mask & ~held.held].mean()),
            one.score,
            check,
            _confidence(held.rows, mask) if question.target is Target.DRIFT else None,
        )
        for one, mask, check in zip(found, members, checks, strict=True)
    )


def _conditions(made: Table, found: Found) -> tuple[Predicate, ...]:
    return tuple(made.predicates[at] for at in found.members)


def _mask(held: Material, made: Table, found: Found) -> Mask:
    """Say of every row that counts whether it is in a slice."""
    mask = np.ones(len(held.held), dtype=bool)
    for at in found.members:
        of_feature = held.columns[made.feature_of[at]]
        mask &= of_feature.codes == of_feature.predicates.index(made.predicates[at])
    return mask


def _confidence(rows: Rows, mask: Mask) -> tuple[float | None, float | None] | None:
    """Give the mean confidence of a slice in the reference and in the window."""
    known = is_probability(rows.confidence)
    is_current = np.arange(len(rows)) >= rows.portions[0].rows
    parts = [rows.confidence[mask & known & side] for side in (~is_current, is_current)]
    before, after = (float(part.mean()) if len(part) else None for part in parts)
    return None if before is None and after is None else (before, after)


def _reason(made: Table, support: int) -> str:
    if not made.rows:
        return "no decision of the window counts: it has none, or none with what is looked for"
    if not made.errors.total:
        return "the error of every row is 0"
    if made.rows < support:
        return f"a slice needs {support} rows, and {made.rows} were searched"
    if not made.predicates:
        return f"no condition is met by {support} rows and not by all"
    return "no slice is worse than the whole and large enough to matter"
