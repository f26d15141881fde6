"""Confidence of a model's decisions with the labels that came, as arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from drift.cells import Slice
from drift.counting import VALUE_BYTES_MAX

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]

    from drift.parts import DriftParts

Floats = npt.NDArray[np.float64]

EVERYTHING = Slice("", "")


@dataclass(frozen=True, slots=True)
class Population:
    """Which decisions: of one model, in a window, of a slice or all.

    Parameters
    ----------
    from_ns, to_ns
        Of the decisions, UTC nanoseconds; the end is not included.
    step_ns
        Length of a step, in nanoseconds; the last one may be shorter.
    """

    tenant: str
    model: str
    from_ns: int
    to_ns: int
    step_ns: int
    slice: Slice = EVERYTHING

    @property
    def steps(self) -> int:
        """How many steps the window has."""
        return -(-(self.to_ns - self.from_ns) // self.step_ns)

    def parameters(self) -> dict[str, object]:
        """Give what queries are asked with."""
        return {
            "tenant": self.tenant,
            "model": self.model,
            "from_ns": self.from_ns,
            "to_ns": self.to_ns,
            "step_ns": self.step_ns,
            "dimension": self.slice.dimension,
            "value": self.slice.value,
        }


@dataclass(frozen=True, slots=True)
class Scores:
    """Decisions in the order they were made, a row each.

    Parameters
    ----------
    step
        Number of its step, shape (n,).
    confidence
        Probability that the outcome is right, 0 to 1; NaN where none was stated.
    right
        1 where the outcome is what the label says, 0 where not, NaN without a label or outcome.
    positive
        Probability of the positive class: the confidence where that is the outcome, else its
        complement; NaN where it has none, or outcomes have not two classes.
    truth
        1 where the label is the positive class; NaN without one, or without two classes.
    delay_s
        From decision to label, in seconds; NaN without a label.
    share
        Of the population's decisions these are, 0 to 1, taken by hash.
    """

    step: npt.NDArray[np.int64]
    confidence: Floats
    right: Floats
    positive: Floats
    truth: Floats
    delay_s: Floats
    share: float = 1.0

    def of(self, rows: npt.NDArray[np.bool_] | slice) -> Scores:
        """Give some of the rows."""
        return replace(
            self,
            step=self.step[rows],
            confidence=self.confidence[rows],
            right=self.right[rows],
            positive=self.positive[rows],
            truth=self.truth[rows],
            delay_s=self.delay_s[rows],
        )

    def at(self, step: int) -> Scores:
        """Give the rows of one step."""
        ends = np.searchsorted(self.step, [step, step + 1])
        return self.of(slice(int(ends[0]), int(ends[1])))

    @property
    def labelled(self) -> Scores:
        """Rows that have both a confidence and a label."""
        return self.of(np.isfinite(self.confidence) & np.isfinite(self.right))


@dataclass(frozen=True, slots=True)
class Classes:
    """What outcomes and labels of a model are.

    Parameters
    ----------
    names
        Up to three of them, sorted.
    """

    names: tuple[str, ...]

    @property
    def binary(self) -> bool:
        """Whether there are exactly two, so that there is an AUC."""
        return len(self.names) == 2

    @property
    def positive(self) -> str:
        """Give the later by name; the AUC is the same for either."""
        return self.names[1] if self.binary else ""

    @property
    def why_no_auc(self) -> str:
        """Say why there is no AUC; empty where there is."""
        reasons = ("no outcome was recorded", "there is one class only", "")
        return (
            reasons[len(self.names)] if len(self.names) < 3 else "there are more than two classes"
        )


class ScoreReader:
    """Reads scores, at most `performance_rows_max` decisions of a population."""

    def __init__(self, parts: DriftParts) -> None:
        self._store = parts.store
        self._rows_max = parts.settings.performance_rows_max
        self._calibration_max = parts.settings.performance_calibration_rows_max

    def counts(self, population: Population) -> npt.NDArray[np.int64]:
        """Count every decision by step, shape (steps,)."""
        found = np.zeros(population.steps, dtype=np.int64)
        for row in self._store.query("drift/score_counts", population.parameters()):
            found[row["step"]] = row["n"]
        return found

    def values(self, population: Population, dimension: str, limit: int) -> list[tuple[str, int]]:
        """List the values of a dimension with their decisions, the most frequent first.

        Of a feature decisions without it are the value ''. A long text is no slice.
        """
        asked = population.parameters()
        wanted = {name: asked[name] for name in ("tenant", "model", "from_ns", "to_ns")}
        bounds = {"limit": limit, "bytes_max": VALUE_BYTES_MAX}
        rows = self._store.query("drift/score_slices", {**wanted, "dimension": dimension, **bounds})
        return [(row["value"], row["n"]) for row in rows]

    def received(self, population: Population) -> dict[int, int]:
        """Say by step when its newest decision or label was received, UTC nanoseconds."""
        asked = population.parameters()
        wanted = ("tenant", "model", "from_ns", "to_ns", "step_ns")
        rows = self._store.query("drift/score_changes", {name: asked[name] for name in wanted})
        return {row["step"]: row["received_ns"] for row in rows}

    def classes(self, *populations: Population) -> Classes:
        """Find the classes of some windows together."""
        names: set[str] = set()
        for population in populations:
            asked = population.parameters()
            wanted = {name: asked[name] for name in ("tenant", "model", "from_ns", "to_ns")}
            [row] = self._store.query("drift/score_classes", wanted)
            names.update(row["classes"])
        return Classes(tuple(sorted(names)[:3]))

    def read(self, population: Population, classes: Classes, n: int) -> Scores:
        """Read the scores of a population of `n` decisions."""
        return self._read(population, classes, max(1, -(-n // self._rows_max)), labelled=False)

    def labelled(self, population: Population, classes: Classes) -> Scores:
        """Read scores with a label, at most `performance_calibration_rows_max`."""
        n = int(self.counts(population).sum())
        found = self._read(
            population, classes, max(1, -(-n // self._rows_max)), labelled=True
        ).labelled
        return found.of(slice(None, None, max(1, -(-len(found.step) // self._calibration_max))))

    def _read(
        self, population: Population, classes: Classes, modulo: int, *, labelled: bool
    ) -> Scores:
        asked = {
            **population.parameters(),
            "modulo": modulo,
            "only_labelled": labelled,
            "positive": classes.positive,
        }
        table = self._store.query_arrow("drift/scores", asked)
        return replace(scored(table, classes), delay_s=_floats(table, "delay_s"), share=1 / modulo)


def scored(table: pa.Table, classes: Classes) -> Scores:
    """Take scores from a table with the columns of the fragment `scored`, without delays."""
    confidence = _floats(table, "confidence")
    # What is no probability was kept as it was sent; nothing can be estimated from it.
    confidence[~((confidence >= 0) & (confidence <= 1))] = np.nan
    stated = np.where(_floats(table, "has_outcome") == 1, confidence, np.nan)
    positive = np.where(_floats(table, "is_positive") == 1, stated, 1 - stated)
    nothing = np.full(len(confidence), np.nan)
    return Scores(
        step=table.column("step").to_numpy().astype(np.int64),
        confidence=confidence,
        right=_floats(table, "right"),
        positive=positive if classes.binary else nothing,
        truth=_floats(table, "label_positive") if classes.binary else nothing,
        delay_s=nothing,
    )


def _floats(table: pa.Table, name: str) -> Floats:
    """Give a column as numbers, NaN where it is null."""
    return np.array(table.column(name).cast("double").to_numpy(), dtype=np.float64)
