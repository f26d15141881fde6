"""What comparisons with a reference are asked by, and what of the cube they read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from drift.cell_statistics import FROM_CELLS, OF_NUMBERS, OF_TEXTS, measured
from drift.cells import Slice
from drift.hours import Hours
from sql.errors import InvalidInputError
from web.parameters import Text, WindowQuery
from web.render import double, timestamp
from web.window import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drift.cell_statistics import Compared
    from drift.reference import Reference
    from drift.references import References
    from drift.statistics.result import Result
    from sql.access import Principal


class ComparisonQuery(WindowQuery):
    """A window against a reference."""

    from_: str = Field(
        "-7d",
        alias="from",
        max_length=64,
        description="Start; counts are by the hour, so the window is widened to whole hours.",
        examples=["-7d", "2026-11-23T22:00:00Z"],
    )
    reference: Text = Field(description="Id of the reference.", examples=["grader-june"])
    version: int | None = Field(None, ge=1, description="Left out, the newest.")
    dimension: Text = Field(
        "",
        description="One of the reference's dimensions; left out, everything.",
        examples=["model_version"],
    )
    value: Text = Field("", description="Value of the dimension.", examples=["4.2"])

    @property
    def slice(self) -> Slice:
        """Where to look."""
        return Slice(self.dimension, self.value)

    def found(self, references: References, reader: Principal) -> Reference:
        """Find the reference; raises where there is none or it has no such dimension."""
        found = references.named(reader.scope(self.chosen), self.reference, self.version)
        if self.dimension and self.dimension not in found.dimensions:
            named = ", ".join(found.dimensions) or "none"
            raise InvalidInputError(
                f"The reference has no dimension {self.dimension!r}; it has: {named}.",
                field="dimension",
            )
        if self.value and not self.dimension:
            raise InvalidInputError("Name the dimension the value is of.", field="dimension")
        return found

    def hours(self, now_ns: int) -> Window:
        """Resolve the window, widened to whole hours."""
        window = self.window(now_ns)
        hours = Hours.around(window.from_ns, window.to_ns)
        return Window(hours.from_ns, hours.to_ns)


def chosen_features(reference: Reference, named: str) -> list[str]:
    """Read a comma list of features; empty means every one, in alphabetical order."""
    names = [name for name in named.split(",") if name] or sorted(reference.features)
    return [checked_feature(reference, name, "features") for name in dict.fromkeys(names)]


def checked_feature(reference: Reference, name: str, field: str = "feature") -> str:
    """Check that the reference has a feature."""
    if name not in reference.features:
        raise InvalidInputError(
            f"The reference {reference.id!r} has no feature {name!r}.", field=field
        )
    return name


def checked_statistic(name: str, known: Sequence[str] = FROM_CELLS) -> str:
    """Check the name of a statistic."""
    if name not in known:
        raise InvalidInputError(
            f"statistic is {name!r}; use one of {', '.join(known)}.", field="statistic"
        )
    return name


def identity(reference: Reference) -> dict[str, Any]:
    """State which reference an answer is about."""
    return {
        "id": reference.id,
        "version": reference.version,
        "tenant": reference.tenant,
        "model": reference.model,
        "from": timestamp(reference.from_ns),
        "to": timestamp(reference.to_ns),
    }


def interval_of(result: Result) -> dict[str, Any]:
    """Write an estimate and how sure it is."""
    return {
        "estimate": double(result.estimate),
        "low": None if result.low is None else double(result.low),
        "high": None if result.high is None else double(result.high),
        "p_value": None if result.p_value is None else double(result.p_value),
    }


def outcome(result: Result) -> dict[str, Any]:
    """Write a result with all it takes to come by it again."""
    return {
        "statistic": result.statistic,
        **interval_of(result),
        "level": result.level,
        "n_reference": result.n_reference,
        "n_current": result.n_current,
        "method": {**result.method, "version": result.version},
    }


def results_of(compared: Compared) -> dict[str, Any]:
    """Write every statistic of a feature's kind from counts, and what has no value."""
    names = OF_NUMBERS if compared.feature.kind == "number" else OF_TEXTS
    found = {name: measured(name, compared) for name in names}
    return {
        "results": [outcome(one) for one in found.values() if not isinstance(one, str)],
        "left_out": [
            {"statistic": name, "reason": one}
            for name, one in found.items()
            if isinstance(one, str)
        ],
    }
