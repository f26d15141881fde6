"""The best K slices of a table, exactly: SliceLine's lattice, level by level, bound by bound."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from drift.slices.best import Best
from drift.slices.lattice import Slices, candidates, joined_levels

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from drift.slices.best import Found
    from drift.slices.engine.protocol import Engine
    from drift.slices.score import Score

#: Candidates that are counted before what they scored prunes the rest.
BATCH = 4096
#: Most bits of a slice's key, of which each predicate takes enough for the number of predicates.
KEY_BITS = 62


@dataclass(slots=True)
class Tally:
    """How a search went.

    Parameters
    ----------
    evaluated
        Slices whose rows were counted.
    pruned
        How often a bound ruled out a candidate, or all that lies inside a slice.
    complete
        False where the search stopped at its limit: there may be better slices.
    """

    evaluated: int = 0
    pruned: int = 0
    complete: bool = True
    by_level: list[int] = field(default_factory=list)


class Search:
    """One search of one table.

    Parameters
    ----------
    feature_of
        Shape (l,): the feature of each predicate, ascending.
    minimal
        Leave out a slice that holds the same rows as one with fewer predicates.
    evaluated_max
        Slices counted at most; then the search stops and says so.
    """

    def __init__(
        self,
        engine: Engine,
        score: Score,
        feature_of: npt.NDArray[np.int32],
        *,
        k: int = 10,
        level_max: int = 3,
        minimal: bool = True,
        evaluated_max: int = 5_000_000,
    ) -> None:
        _check(k, level_max, len(feature_of))
        self._engine = engine
        self._score = score
        self._feature_of = feature_of
        self._level_max = level_max
        self._minimal = minimal
        self._evaluated_max = evaluated_max
        self._best = Best(k)
        self.tally = Tally()

    def run(self, basic: Slices) -> list[Found]:
        """Find the best slices, the best first.

        Parameters
        ----------
        basic
            Every predicate as a slice, counted; those without support or error are dropped.
        """
        if self._score.total == 0:
            return []
        level = basic.chosen((basic.sizes >= self._score.support) & (basic.errors > 0))
        if self._minimal:
            level = level.chosen(level.sizes < self._score.rows)
        self._count(len(basic))
        self._offer(level)
        for depth in range(2, self._level_max + 1):
            level = self._promising(level)
            parts = list(self._next(level, last=depth == self._level_max))
            if not parts or not self.tally.complete:
                break
            level = joined_levels(parts)
        return self._best.found()

    def _next(self, parents: Slices, *, last: bool) -> Iterator[Slices]:
        self.tally.by_level.append(0)
        if len(parents) < 2:
            return
        for made in candidates(parents, self._feature_of):
            bounds = self._score.at_most(made.sizes, made.errors, made.worst)
            # The most promising first: what they score rules out most of the others.
            order = np.argsort(-bounds, kind="stable")
            order = order[: int(np.count_nonzero(self._best.may_enter(bounds)))]
            self.tally.pruned += len(made) - len(order)
            for start in range(0, len(order), BATCH):
                batch = order[start : start + BATCH]
                open_ = batch[self._best.may_enter(bounds[batch])]
                self.tally.pruned += len(batch) - len(open_)
                if self._count(len(open_)):
                    yield self._evaluated(made.chosen(open_), last=last)

    def _count(self, slices: int) -> bool:
        """Take slices into account; False where they are none, or too many."""
        if self.tally.evaluated + slices > self._evaluated_max:
            self.tally.complete = False
        if not slices or not self.tally.complete:
            return False
        self.tally.evaluated += slices
        if self.tally.by_level:
            self.tally.by_level[-1] += slices
        else:
            self.tally.by_level.append(slices)
        return True

    def _evaluated(self, made: Slices, *, last: bool) -> Slices:
        sizes = self._engine.sizes(made.members)
        kept = sizes >= self._score.support
        if self._minimal:
            kept &= sizes < made.sizes
        made = Slices(made.members, sizes, made.errors, made.worst).chosen(kept)
        # Of the last level only its own score counts; elsewhere what lies inside it may score more.
        bound = self._score.at_size if last else self._score.at_most
        made = made.chosen(self._best.may_enter(bound(made.sizes, made.errors, made.worst)))
        errors = self._engine.errors(made.members)
        made = Slices(made.members, made.sizes, errors, np.minimum(made.worst, errors))
        made = made.chosen(errors > 0)
        self._offer(made)
        return made

    def _promising(self, level: Slices) -> Slices:
        bounds = self._score.at_most(level.sizes, level.errors, level.worst)
        open_ = self._best.may_enter(bounds)
        self.tally.pruned += int(np.count_nonzero(~open_))
        return level.chosen(open_)

    def _offer(self, level: Slices) -> None:
        if len(level):
            self._best.offer(level, self._score.of(level.sizes, level.errors))


def _check(k: int, level_max: int, predicates: int) -> None:
    if k < 1:
        raise ValueError(f"k is {k}; use at least 1.")
    if level_max < 1:
        raise ValueError(f"level_max is {level_max}; use at least 1.")
    width = max(1, int(predicates - 1).bit_length())
    if width * level_max > KEY_BITS:
        raise ValueError(
            f"level_max is {level_max} with {predicates} predicates; use {KEY_BITS // width} at "
            "most, or fewer predicates."
        )
