"""Kinds of monitors by name: what evaluates a window of each."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from drift.monitors import distributions, omissions
from drift.monitors.counted import COLUMNS, CountedEvaluator, SchemaEvaluator
from drift.performance import evaluators
from drift.performance.embeddings import EmbeddingEvaluator

if TYPE_CHECKING:
    from collections.abc import Callable

    from drift.monitors.finding import Evaluator
    from drift.parts import DriftParts

#: Every kind of monitor: the names of `drift.monitors.monitor.KindName`.
KINDS: dict[str, Callable[[DriftParts], Evaluator]] = {
    "feature": partial(CountedEvaluator, compare=distributions.findings),
    "missing": partial(CountedEvaluator, compare=omissions.missing),
    "schema": SchemaEvaluator,
    "performance": evaluators.performance,
    "calibration": evaluators.calibration,
    "embedding": EmbeddingEvaluator,
    **{
        kind: partial(CountedEvaluator, compare=distributions.findings, columns=columns)
        for kind, columns in COLUMNS.items()
    },
}
