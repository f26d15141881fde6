"""A reference: what a model's decisions are compared with, and the cells they are counted in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["number", "text"]
BaselineKind = Literal["fixed", "rolling", "seasonal"]

#: Columns of a decision that slice it; a text feature does too, as feature:<name>.
DIMENSIONS = ("model_version", "prompt_version", "environment", "service_name", "route")
#: How a dimension that is a feature begins.
FEATURE_DIMENSION = "feature:"


def slices_by(dimension: str) -> bool:
    """Whether decisions can be sliced by it: by a column of theirs, or by a text feature."""
    feature = dimension.removeprefix(FEATURE_DIMENSION)
    return dimension in DIMENSIONS or feature not in ("", dimension)


@dataclass(frozen=True, slots=True)
class Baseline:
    """Which counts a window is compared with; the cells are the reference's in any case.

    Parameters
    ----------
    kind
        fixed: the reference's own window. rolling: the `days` before the window. seasonal: the
        same hours of the week in the `weeks` before it.
    """

    kind: BaselineKind = "fixed"
    days: int | None = None
    weeks: int | None = None


@dataclass(frozen=True, slots=True)
class FeatureReference:
    """The cells of one feature.

    Parameters
    ----------
    edges
        Of a number, strictly ascending: cell i holds edges[i-1] < x <= edges[i].
    categories
        Of a text, the most frequent first: category i is cell i.
    """

    feature: str
    kind: Kind
    edges: tuple[float, ...] = ()
    categories: tuple[str, ...] = ()

    @property
    def cells(self) -> int:
        """How many codes are cells."""
        return len(self.edges) + 1 if self.kind == "number" else len(self.categories)


@dataclass(frozen=True, slots=True)
class Definition:
    """What is asked for: a window of a model, and how it is cut into cells.

    Parameters
    ----------
    from_ns, to_ns
        UTC nanoseconds; the end is not included.
    features
        Names; empty for every feature that was seen in the window.
    cells
        Most cells of a number, the two outside the reference included.
    """

    tenant: str
    id: str
    model: str
    from_ns: int
    to_ns: int
    baseline: Baseline = Baseline()
    dimensions: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    cells: int = 64


@dataclass(frozen=True, slots=True)
class Reference:
    """One version of a reference; it never changes.

    Parameters
    ----------
    from_ns, to_ns
        Its window, UTC nanoseconds; the end is not included.
    defined_by, defined_ns
        Key that defined this version, and when.
    """

    tenant: str
    id: str
    version: int
    model: str
    from_ns: int
    to_ns: int
    baseline: Baseline
    dimensions: tuple[str, ...]
    features: Mapping[str, FeatureReference]
    defined_by: str = ""
    defined_ns: int = 0
