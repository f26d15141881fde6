"""Whether a reference can be defined as it is asked for, and with which features."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from drift.codes import CELLS_MAX
from drift.hours import Hours
from drift.reference import DIMENSIONS, FEATURE_DIMENSION, Baseline, Definition, slices_by
from sql.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drift.parts import DriftParts
    from drift.reference import Kind

CELLS_MIN = 4
DAYS_MAX = 400
WEEKS_MAX = 52
DIMENSIONS_MAX = 8
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


def checked(definition: Definition) -> Definition:
    """Check what needs no store, and widen the window to whole hours.

    Raises
    ------
    InvalidInputError
        Names the field, its value and what it may be.
    """
    if not _ID.fullmatch(definition.id):
        raise InvalidInputError(
            f"id is {definition.id!r}; use 1 to 128 letters, digits, '.', '_' and '-'.", field="id"
        )
    if not definition.model:
        raise InvalidInputError("model is empty; name the model.", field="model")
    if definition.from_ns >= definition.to_ns:
        raise InvalidInputError("The window is empty; from must be earlier than to.", field="from")
    if not CELLS_MIN <= definition.cells <= CELLS_MAX:
        raise InvalidInputError(
            f"cells is {definition.cells}; use {CELLS_MIN} to {CELLS_MAX}.", field="cells"
        )
    _check_baseline(definition.baseline)
    _check_dimensions(definition.dimensions)
    hours = Hours.around(definition.from_ns, definition.to_ns)
    return replace(definition, from_ns=hours.from_ns, to_ns=hours.to_ns)


def _check_baseline(baseline: Baseline) -> None:
    if baseline.kind == "rolling" and not 1 <= (baseline.days or 0) <= DAYS_MAX:
        raise InvalidInputError(
            f"days of a rolling baseline is {baseline.days}; use 1 to {DAYS_MAX}.", field="baseline"
        )
    if baseline.kind == "seasonal" and not 1 <= (baseline.weeks or 0) <= WEEKS_MAX:
        raise InvalidInputError(
            f"weeks of a seasonal baseline is {baseline.weeks}; use 1 to {WEEKS_MAX}.",
            field="baseline",
        )


def _check_dimensions(dimensions: Sequence[str]) -> None:
    if len(set(dimensions)) != len(dimensions) or len(dimensions) > DIMENSIONS_MAX:
        raise InvalidInputError(
            f"dimensions are {list(dimensions)}; name each once and at most {DIMENSIONS_MAX}.",
            field="dimensions",
        )
    for name in dimensions:
        if not slices_by(name) or "=" in name:
            raise InvalidInputError(
                f"{name!r} is no dimension; use {', '.join(DIMENSIONS)} or "
                f"{FEATURE_DIMENSION}<name of a text> without '='.",
                field="dimensions",
            )


class Survey:
    """Finds what a window holds."""

    def __init__(self, parts: DriftParts) -> None:
        self._store = parts.store
        self._settings = parts.settings

    def hours(self, definition: Definition) -> dict[int, int]:
        """Count decisions by hour, whose start is in seconds since 1970; there must be some."""
        rows = self._store.query("drift/window_decisions", window_of(definition))
        decisions = sum(row["decisions"] for row in rows)
        most = self._settings.reference_decisions_max
        if decisions > most:
            raise InvalidInputError(
                f"The window holds {decisions} decisions, more than {most}; choose a shorter one.",
                field="from",
            )
        if not decisions:
            raise InvalidInputError(
                f"Model {definition.model!r} of tenant {definition.tenant!r} made no decision in "
                "the window; choose another.",
                field="from",
            )
        return {row["hour"]: row["decisions"] for row in rows}

    def kinds(self, definition: Definition) -> dict[str, Kind]:
        """Find the features and whether each is a number or a text, whichever is more frequent."""
        most = self._settings.reference_features_max
        asked = {**window_of(definition), "limit": 10 * most + 1}
        rows = self._store.query("drift/window_features", asked)
        kinds: dict[str, Kind] = {
            row["feature"]: "number" if row["numbers"] >= row["texts"] else "text"
            for row in rows
            if row["numbers"] or row["texts"]
        }
        unseen = [name for name in definition.features if name not in kinds]
        if unseen:
            raise InvalidInputError(
                f"No decision of the window has the feature {unseen[0]!r}.", field="features"
            )
        if definition.features:
            kinds = {name: kinds[name] for name in definition.features}
        if not kinds:
            raise InvalidInputError("No decision of the window has a feature.", field="from")
        values = sum(row["numbers"] + row["texts"] for row in rows if row["feature"] in kinds)
        if values > self._settings.reference_values_max:
            raise InvalidInputError(
                f"The window holds {values} values, more than "
                f"{self._settings.reference_values_max}; choose a shorter one or fewer features.",
                field="from",
            )
        if len(kinds) > most:
            raise InvalidInputError(
                f"The window has more than {most} features; list those that matter.",
                field="features",
            )
        return kinds


def window_of(definition: Definition) -> dict[str, str | int]:
    """Write what a query of the window is bound to."""
    return {
        "tenant": definition.tenant,
        "model": definition.model,
        "from_ns": definition.from_ns,
        "to_ns": definition.to_ns,
    }
