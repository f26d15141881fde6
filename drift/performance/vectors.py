"""Embeddings of decisions: which there are, and a bounded sample of their vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from drift.cells import Slice
from drift.hours import Hours

if TYPE_CHECKING:
    from drift.parts import DriftParts

EVERYTHING = Slice()

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Decisions of a model in some hours, of a slice or all."""

    tenant: str
    model: str
    hours: Hours
    slice: Slice = EVERYTHING

    def parameters(self) -> dict[str, object]:
        """Give what queries are asked with."""
        return {
            "tenant": self.tenant,
            "model": self.model,
            "from_ns": self.hours.from_ns,
            "to_ns": self.hours.to_ns,
            "hours": [*self.hours.only],
            "dimension": self.slice.dimension,
            "value": self.slice.value,
        }


class VectorReader:
    """Reads vectors by the hash of their decisions' ids: the same ones whenever it is asked."""

    def __init__(self, parts: DriftParts) -> None:
        self._store = parts.store
        self._rows_max = parts.settings.embedding_rows_max

    def counts(self, stretch: Stretch) -> tuple[int, dict[str, int]]:
        """Count decisions, and those of them with each embedding."""
        rows = self._store.query("drift/embedding_counts", stretch.parameters())
        found = {row["embedding"]: row["n"] for row in rows}
        return found.pop("", 0), found

    def read(self, stretch: Stretch, embedding: str, n: int) -> list[Vectors]:
        """Read at most `embedding_rows_max` of `n` vectors, those of one length together.

        Returns
        -------
        list
            An array (rows, length) for each length, the one with most rows first.
        """
        asked = {
            **stretch.parameters(),
            "embedding": embedding,
            "modulo": max(1, n // self._rows_max),
            "limit": self._rows_max,
        }
        column = self._store.query_arrow("drift/embedding_vectors", asked).column("vector")
        rows = column.combine_chunks()
        lengths = rows.value_lengths().to_numpy()
        # Null values become NaN, which no statistic counts.
        values = rows.flatten().to_numpy(zero_copy_only=False).astype(np.float32)
        starts = np.cumsum(lengths) - lengths
        found = [
            values[starts[lengths == length][:, None] + np.arange(length)]
            for length in np.unique(lengths)
            if length > 0
        ]
        return sorted(found, key=len, reverse=True)
