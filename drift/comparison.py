"""A whole table against its reference: every statistic of every column, each column read once.

The results are those of `drift.statistics`; how they are come by is `drift.arrays.pooled`.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from threading import local
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from drift.arrays.buffers import Buffers
from drift.column import ColumnComparison, of_codes, of_numbers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    Column = npt.NDArray[Any]

#: Numbers of both sides of a column from which on threads gain time.
LONG = 500_000


def compare(
    reference: npt.NDArray[Any] | Sequence[Column],
    current: npt.NDArray[Any] | Sequence[Column],
    *,
    names: Sequence[str] | None = None,
    edges: Mapping[str, npt.ArrayLike] | None = None,
    level: float = 0.95,
    threads: int | None = None,
) -> tuple[ColumnComparison, ...]:
    """Compare every column of two tables.

    Parameters
    ----------
    reference, current
        Shapes (n, f) and (m, f), best in Fortran order, or f arrays each. Columns of float32,
        float64 and integers are numbers; columns of uint8 are codes, see `drift.codes`.
    names
        Of the columns; by default their numbers from 0.
    edges
        By name: fixed edges of the cells for counts, ascending, cell i holding
        edges[i-1] < x <= edges[i]. A column without takes the deciles of its reference.
    level
        Of every interval.
    threads
        Columns that are worked on at a time. By default one for each core where columns are long;
        for shorter ones handing the interpreter's lock from thread to thread costs more than a
        second core gives.

    Returns
    -------
    tuple
        In the order of the columns.

    Raises
    ------
    ValueError
        The tables have unequal columns, or a column is not of numbers or codes.

    Examples
    --------
    >>> import numpy as np
    >>> random = np.random.default_rng(1)
    >>> table = random.normal(size=(999, 1))
    >>> (column,) = compare(table, table + 1)
    >>> round(column.results["wasserstein"].estimate, 9)
    1.0
    """
    pairs = list(zip(_columns(reference), _columns(current), strict=False))
    if len(_columns(reference)) != len(_columns(current)):
        counts = len(_columns(reference)), len(_columns(current))
        raise ValueError(f"reference has {counts[0]} columns and current {counts[1]}; give equal")
    labels = [str(place) for place in range(len(pairs))] if names is None else list(names)
    if len(labels) != len(pairs):
        raise ValueError(f"names has {len(labels)} names for {len(pairs)} columns")
    given = {name: np.asarray(one, dtype=np.float64) for name, one in (edges or {}).items()}
    kept = local()

    def compared(item: tuple[str, tuple[Column, Column]]) -> ColumnComparison:
        name, pair = item
        if not hasattr(kept, "buffers"):
            kept.buffers = Buffers()
        kind = _kind(name, pair)
        if kind == "code":
            return of_codes(name, pair, level)
        return of_numbers(name, pair, given.get(name), level, kept.buffers)

    items = list(zip(labels, pairs, strict=True))
    workers = min(_threads(pairs) if threads is None else threads, len(items))
    if workers < 2:
        return tuple(map(compared, items))
    with ThreadPoolExecutor(workers) as pool:
        return tuple(pool.map(compared, items))


def _threads(pairs: Sequence[tuple[Column, Column]]) -> int:
    longest = max((before.size + after.size for before, after in pairs), default=0)
    return 1 if longest < LONG else os.cpu_count() or 1


def _columns(table: npt.NDArray[Any] | Sequence[Column]) -> Sequence[Column]:
    if isinstance(table, np.ndarray):
        if table.ndim != 2:
            raise ValueError(f"a table has {table.ndim} dimensions; give (rows, columns)")
        return list(table.T)
    return table


def _kind(name: str, pair: tuple[Column, Column]) -> Literal["number", "code"]:
    for column in pair:
        if column.ndim != 1 or column.dtype.kind not in "fiu":
            raise ValueError(
                f"column {name} has shape {column.shape} of {column.dtype}; "
                "give one dimension of numbers, or of uint8 for codes"
            )
    codes = [column.dtype == np.uint8 for column in pair]
    if codes[0] != codes[1]:
        raise ValueError(f"column {name} has codes on one side and numbers on the other")
    return "code" if codes[0] else "number"
