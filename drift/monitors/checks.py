"""What a monitor asks for, checked against what there is: refused now and not window by window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from drift.monitors import catalog
from drift.monitors.counted import COLUMNS
from drift.monitors.distributions import chosen
from drift.references import References
from sql.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from drift.monitors.monitor import Monitor
    from drift.parts import DriftParts
    from drift.reference import Reference

#: Kinds that read the cube of the reference and so depend on its features and dimensions.
_COUNTED = ("feature", "missing", "schema", *COLUMNS)


@runtime_checkable
class Checking(Protocol):
    """An evaluator that knows what its monitors may ask for."""

    def check(self, monitor: Monitor) -> None:
        """Check a monitor; raises InvalidInputError naming the field at fault."""
        ...


def check(parts: DriftParts, monitor: Monitor) -> None:
    """Check a monitor's kind, statistic, reference, features and slices.

    Raises
    ------
    InvalidInputError
        Names the field at fault.
    """
    if monitor.kind not in catalog.KINDS:
        raise InvalidInputError(
            f"kind is {monitor.kind!r}; use one of {', '.join(sorted(catalog.KINDS))}.",
            field="kind",
        )
    if monitor.kind == "feature" or monitor.kind in COLUMNS:
        chosen(monitor.statistic)
    elif monitor.kind in {"missing", "schema"} and monitor.statistic:
        raise InvalidInputError(
            f"statistic is {monitor.statistic!r}; monitors of kind {monitor.kind} compare shares "
            "and take none.",
            field="statistic",
        )
    evaluator = catalog.KINDS[monitor.kind](parts)
    if isinstance(evaluator, Checking):
        evaluator.check(monitor)
    if monitor.reference:
        _check_reference(monitor, _reference(parts, monitor))


def _reference(parts: DriftParts, monitor: Monitor) -> Reference:
    try:
        return References(parts).get(monitor.tenant, monitor.reference)
    except NotFoundError as error:
        raise InvalidInputError(f"reference: {error.detail}", field="reference") from None


def _check_reference(monitor: Monitor, reference: Reference) -> None:
    if reference.model != monitor.model:
        raise InvalidInputError(
            f"reference {reference.id!r} is of the model {reference.model!r}, not of "
            f"{monitor.model!r}.",
            field="reference",
        )
    if monitor.kind not in _COUNTED:
        return
    unknown = [name for name in monitor.slices if name not in reference.dimensions]
    if unknown:
        raise InvalidInputError(
            f"slices has {unknown[0]!r}; the reference is counted by "
            f"{', '.join(reference.dimensions) or 'no dimension'}.",
            field="slices",
        )
    watched = COLUMNS.get(monitor.kind, tuple(name for name in monitor.features if name != "*"))
    absent = [name for name in watched if name not in reference.features]
    if absent and (monitor.kind != "length" or len(absent) == len(watched)):
        raise InvalidInputError(
            f"The reference {reference.id!r} has no feature {absent[0]!r}.", field="features"
        )
