"""A feature of every row as a number of the condition it meets: cells, values, missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from drift.slices.predicates import Predicate

if TYPE_CHECKING:
    import numpy.typing as npt

    Codes = npt.NDArray[np.int32]

#: A row that meets none of a column's conditions: its value is too rare for one.
NONE = -1


@dataclass(frozen=True, slots=True)
class Column:
    """One feature of every row.

    Parameters
    ----------
    codes
        Shape (n,): which of `predicates` the row meets, or `NONE`.
    """

    feature: str
    codes: Codes
    predicates: tuple[Predicate, ...]


def column(
    feature: str,
    numbers: npt.NDArray[np.float64],
    texts: npt.NDArray[np.int32],
    values: list[str],
    *,
    cells: int,
    support: int,
) -> Column:
    """Make a column of what a feature's values are, numbers and texts mixed.

    Parameters
    ----------
    numbers
        Shape (n,). Not a number where `texts` has the value, or where there is none.
    texts
        Shape (n,): number of the text in `values`; -1 for a number, -2 where it is missing.
    cells
        Most cells of numbers, of about equal counts; no more values than that have one each.
    support
        Rows a condition needs; a value that is rarer gets none.
    """
    numeric = texts == -1
    codes = np.full(len(texts), NONE, dtype=np.int32)
    found: list[Predicate] = []
    known = numeric & ~np.isnan(numbers)
    masks: list[tuple[Predicate, npt.NDArray[np.bool_]]] = [
        (Predicate(feature, "is_missing"), texts == -2),
        (Predicate(feature, "is_nan"), numeric & ~known),
    ]
    for predicate, mask in masks:
        if np.count_nonzero(mask) >= support:
            codes[mask] = len(found)
            found.append(predicate)
    _number_codes(feature, numbers, known, codes, found, cells)
    counts = np.bincount(texts[texts >= 0], minlength=len(values))
    of_text = np.full(len(values) + 1, NONE, dtype=np.int32)
    for at in np.flatnonzero(counts >= support).tolist():
        of_text[at] = len(found)
        found.append(Predicate(feature, "equals", values[at]))
    codes = np.where(texts >= 0, of_text[np.maximum(texts, 0)], codes).astype(np.int32)
    return Column(feature, codes, tuple(found))


def _number_codes(
    feature: str,
    numbers: npt.NDArray[np.float64],
    known: npt.NDArray[np.bool_],
    codes: Codes,
    found: list[Predicate],
    cells: int,
) -> None:
    held = numbers[known]
    if not len(held):
        return
    distinct = np.unique(held)
    if len(distinct) <= cells:
        codes[known] = len(found) + np.searchsorted(distinct, held)
        found += [Predicate(feature, "equals", float(value)) for value in distinct]
        return
    edges = quantile_edges(held, cells)
    codes[known] = len(found) + np.searchsorted(edges, held)
    lows, highs = [None, *edges.tolist()], [*edges.tolist(), None]
    found += [
        Predicate(feature, "between", low=low, high=high)
        for low, high in zip(lows, highs, strict=True)
    ]


def quantile_edges(values: npt.NDArray[np.float64], cells: int) -> npt.NDArray[np.float64]:
    """Give ascending edges between cells of about equal counts; the edge is in the lower cell.

    Values that are frequent take several cells at once, of which one remains.

    Examples
    --------
    >>> quantile_edges(np.array([1.0, 2.0, 3.0, 4.0]), 2).tolist()
    [2.0]
    """
    ordered = np.sort(values)
    # Of values as they are, not between two: infinities have no middle.
    at = (np.arange(1, cells) * len(ordered)) // cells - 1
    edges = np.unique(ordered[np.maximum(at, 0)])
    return np.asarray(edges[edges < ordered[-1]])
