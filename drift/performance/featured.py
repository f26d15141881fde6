"""Decisions with their features, as arrays: what tells which past ones resemble present ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from drift.performance.scores import Scores, scored
from drift.statistics.encoding import Column

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import pyarrow as pa  # type: ignore[import-untyped]

    from drift.parts import DriftParts
    from drift.performance.scores import Classes, Population

#: Numbers beyond are cut, so that their squares are numbers too.
_NUMBER_MAX = 1e100
#: How names begin that are no features: what a decision has besides.
_BESIDES = "@"


@dataclass(frozen=True, slots=True)
class Featured:
    """Decisions with a confidence and what they were made of.

    Parameters
    ----------
    scores
        In the order of steps; of decisions read without their labels, all labels are NaN.
    columns
        `number:<feature>` and `text:<feature>` of each, shape (n,); NaN and '' where it is not one.
        Of a text the first 100 characters.
    """

    scores: Scores
    columns: Mapping[str, Column]

    def of(self, rows: npt.NDArray[np.bool_] | slice) -> Featured:
        """Give some of the rows."""
        held = {name: column[rows] for name, column in self.columns.items()}
        return replace(self, scores=self.scores.of(rows), columns=held)

    def at(self, step: int) -> Featured:
        """Give the rows of one step."""
        ends = np.searchsorted(self.scores.step, [step, step + 1])
        return self.of(slice(int(ends[0]), int(ends[1])))

    @property
    def n(self) -> int:
        """How many there are."""
        return len(self.scores.step)


class FeaturedReader:
    """Reads decisions with their features."""

    def __init__(self, parts: DriftParts) -> None:
        self._store = parts.store

    def features(self, population: Population, most: int) -> list[str]:
        """Name the features of a population's model, at most so many: those most decisions have."""
        asked = population.parameters()
        wanted = ("tenant", "model", "from_ns", "to_ns")
        rows = self._store.query("drift/feature_names", {name: asked[name] for name in wanted})
        known = [row for row in rows if not row["feature"].startswith(_BESIDES)]
        known.sort(key=lambda row: (-row["decisions"], row["feature"]))
        return sorted(row["feature"] for row in known[:most])

    def read(
        self,
        population: Population,
        classes: Classes,
        features: Sequence[str],
        rows: int,
        *,
        labelled: bool,
    ) -> Featured:
        """Read at most so many decisions of each step, drawn by the hash of their ids.

        Parameters
        ----------
        labelled
            Reads those with a label, and it; else labels are not looked at.
        """
        asked = {
            **population.parameters(),
            "features": [*features],
            "rows": rows,
            "only_labelled": labelled,
            "positive": classes.positive,
        }
        table = self._store.query_arrow("drift/featured_decisions", asked)
        return Featured(scored(table, classes), _columns(table, features))


def _columns(table: pa.Table, features: Sequence[str]) -> dict[str, Column]:
    found: dict[str, Column] = {}
    for kind in ("number", "text"):
        flat = table.column(f"{kind}s").combine_chunks().flatten()
        held = flat.to_numpy(zero_copy_only=False).reshape(table.num_rows, len(features))
        if kind == "number":
            held = np.clip(np.where(np.isfinite(held), held, np.nan), -_NUMBER_MAX, _NUMBER_MAX)
        for place, name in enumerate(features):
            found[f"{kind}:{name}"] = held[:, place]
    return found
