"""The cube: counts by code of every hour, feature and slice; any window is their sum."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from drift import codes
from drift.cells import Cells, Key
from drift.cube_job import CubeJob
from drift.hours import HOUR_S, Hours
from web.window import SECOND_NS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa  # type: ignore[import-untyped]

    from drift.cells import Slice
    from drift.parts import DriftParts
    from drift.reference import Reference

__all__ = ["Cube", "CubeJob"]


class Cube:
    """Reads counts of windows, by whole hours: every hour a window touches is in it.

    Only what was counted by the cells of the reference's own version is read.
    """

    def __init__(self, parts: DriftParts) -> None:
        self._store = parts.store

    def window(
        self,
        reference: Reference,
        start_ns: int,
        end_ns: int,
        *,
        features: Sequence[str] = (),
        slices: Sequence[Slice] = (),
    ) -> dict[Key, Cells]:
        """Add up the hours of a window.

        Parameters
        ----------
        features, slices
            Only these; every one where left out.
        """
        hours = Hours.around(start_ns, end_ns)
        return self.sums(reference, hours, features=features, slices=slices)

    def hours(
        self,
        reference: Reference,
        start_ns: int,
        end_ns: int,
        *,
        features: Sequence[str] = (),
        slices: Sequence[Slice] = (),
        step_s: int = HOUR_S,
    ) -> dict[Key, dict[int, Cells]]:
        """Read each step of a window, by its start in UTC nanoseconds.

        Parameters
        ----------
        step_s
            Seconds of a step, whole hours; steps are counted from the window's first hour.
        """
        hours = Hours.around(start_ns, end_ns)
        found: dict[Key, dict[int, Cells]] = {}
        for (key, start_s), cells in self._read(reference, hours, step_s, features, slices).items():
            found.setdefault(key, {})[start_s * SECOND_NS] = cells
        return found

    def sums(
        self,
        reference: Reference,
        hours: Hours,
        *,
        features: Sequence[str] = (),
        slices: Sequence[Slice] = (),
    ) -> dict[Key, Cells]:
        """Add up hours, which need not be adjacent."""
        whole = max(hours.to_s - hours.from_s, HOUR_S)
        found = self._read(reference, hours, whole, features, slices)
        return {key: cells for (key, _), cells in found.items()}

    def _read(
        self,
        reference: Reference,
        hours: Hours,
        step_s: int,
        features: Sequence[str],
        slices: Sequence[Slice],
    ) -> dict[tuple[Key, int], Cells]:
        asked = {
            "tenant": reference.tenant,
            "reference_id": reference.id,
            "version": reference.version,
            "from_s": hours.from_s,
            "to_s": hours.to_s,
            "hours": list(hours.only),
            "step_s": step_s,
            "features": list(features),
            "slices": [f"{one.dimension}={one.value}" for one in slices],
        }
        table = self._store.query_arrow("drift/cube_sums", asked)
        starts = table.column("start").to_pylist()
        return {
            (key, start): cells
            for start, (key, cells) in zip(starts, read_cells(table), strict=True)
        }


def read_cells(table: pa.Table) -> list[tuple[Key, Cells]]:
    """Read rows of counts, whose codes are those that occur."""
    rows = table.num_rows
    dense = np.zeros((rows, codes.CODES), dtype=np.int64)
    for chunk, first in _chunks(table):
        lengths = np.diff(chunk.column("codes").offsets.to_numpy())
        at = np.repeat(np.arange(first, first + chunk.num_rows), lengths)
        dense[at, chunk.column("codes").flatten().to_numpy()] = (
            chunk.column("counts").flatten().to_numpy()
        )
    keys = _columns(table, "feature", "dimension", "value")
    measures = _columns(table, "numbers", "mean", "squares", "least", "greatest")
    return [
        (Key(*key), Cells(dense[row], *_measures(*measured)))
        for row, (key, measured) in enumerate(zip(keys, measures, strict=True))
    ]


def _columns(table: pa.Table, *names: str) -> zip[tuple[Any, ...]]:
    return zip(*(table.column(name).to_pylist() for name in names), strict=True)


def _measures(
    numbers: int, mean: float, squares: float, least: float, greatest: float
) -> tuple[int, float, float, float, float]:
    """Take what describes numbers, or what stands for none."""
    return (
        (numbers, mean, squares, least, greatest) if numbers else (0, 0.0, 0.0, math.inf, -math.inf)
    )


def _chunks(table: pa.Table) -> list[tuple[pa.RecordBatch, int]]:
    found, first = [], 0
    for batch in table.to_batches():
        found.append((batch, first))
        first += batch.num_rows
    return found
