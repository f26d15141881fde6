"""Features of decisions as columns of numbers, by what their reference holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Column = npt.NDArray[np.float64] | npt.NDArray[np.object_] | npt.NDArray[np.str_]

CATEGORIES_MAX = 50
#: Standard deviations beyond which a number counts as that far out.
FAR = 5.0


@dataclass(frozen=True, slots=True)
class Numbers:
    """Encodes a number x as z, z squared and whether it is there; z is cut at `FAR`.

    Parameters
    ----------
    centre, scale
        Mean and standard deviation in the reference.
    """

    centre: float
    scale: float

    def __call__(self, column: Column) -> Floats:
        """Return columns of shape (n, 3)."""
        values = np.asarray(column, dtype=np.float64)
        missing = ~np.isfinite(values)
        z = np.clip((np.where(missing, self.centre, values) - self.centre) / self.scale, -FAR, FAR)
        return np.column_stack([z, z**2, missing])


@dataclass(frozen=True, slots=True)
class Texts:
    """Encodes a text as one column a category, 1 where it is that; none is 1 for any other.

    Parameters
    ----------
    categories
        Those of the reference that are frequent, ascending.
    """

    categories: tuple[str, ...]

    def __call__(self, column: Column) -> Floats:
        """Return columns of shape (n, categories)."""
        values = np.asarray(column, dtype=np.str_)
        known = np.asarray(self.categories, dtype=np.str_)
        return np.asarray(values[:, None] == known[None, :], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Encoding:
    """Encodes named columns side by side.

    Parameters
    ----------
    features
        How each is encoded, by name.

    Examples
    --------
    >>> import numpy as np
    >>> reference = {"age": np.array([20.0, 40.0]), "plan": np.array(["free", "team"])}
    >>> later = {"age": np.array([50.0, np.nan]), "plan": np.array(["team", "new"])}
    >>> fit(reference)(later).tolist()
    [[2.0, 4.0, 0.0, 0.0, 1.0], [0.0, 0.0, 1.0, 0.0, 0.0]]
    """

    features: Mapping[str, Numbers | Texts]

    def __call__(self, columns: Mapping[str, Column]) -> Floats:
        """Return a matrix of shape (n, d).

        Raises
        ------
        ValueError
            A feature of the reference is not among the columns.
        """
        absent = sorted(set(self.features) - set(columns))
        if absent:
            raise ValueError(f"columns lack {', '.join(absent)}; send every feature encoded")
        return np.column_stack([encode(columns[name]) for name, encode in self.features.items()])


def fit(columns: Mapping[str, Column], *, categories_max: int = CATEGORIES_MAX) -> Encoding:
    """Learn how to encode columns of a reference.

    Parameters
    ----------
    columns
        Arrays of one length by name: numbers (NaN is missing) or texts.
    categories_max
        Most categories of a text.

    Raises
    ------
    ValueError
        There is no column.
    """
    if not columns:
        raise ValueError("columns must hold at least one feature")
    return Encoding({name: _learnt(column, categories_max) for name, column in columns.items()})


def _learnt(column: Column, categories_max: int) -> Numbers | Texts:
    if np.issubdtype(column.dtype, np.number) or column.dtype == np.bool_:
        values = np.asarray(column, dtype=np.float64)
        values = values[np.isfinite(values)]
        if not values.size:
            return Numbers(0.0, 1.0)
        return Numbers(float(values.mean()), float(values.std()) or 1.0)
    names, counts = np.unique(np.asarray(column, dtype=np.str_), return_counts=True)
    frequent = names[np.argsort(-counts, kind="stable")[:categories_max]]
    return Texts(tuple(sorted(str(name) for name in frequent)))
