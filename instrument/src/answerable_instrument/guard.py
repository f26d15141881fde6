"""The promise never to raise into the service: count, log once per kind, go on.

Error tree: ``UnfitError`` (internal) says why a value cannot be recorded.
"""

import logging
import threading
from collections.abc import Callable
from functools import cache
from typing import Literal, ParamSpec

from opentelemetry import metrics

from answerable_instrument.attributes import SCOPE, WARNINGS_METRIC

Kind = Literal[
    "value_type",  # The type cannot be an attribute.
    "value_range",  # Not finite, negative, or outside the allowed interval.
    "value_word",  # Not one of the allowed words.
    "text_changed",  # Cut to the limit, or half of a surrogate pair replaced.
    "too_many",  # Over a bound of Limits.
    "not_open",  # Set after the end, or outside any decision.
    "setup",  # configure() could not do what it was asked.
    "budget_unreachable",  # The budget service did not answer.
    "budget_refused",  # It refused a request, as for a wrong key.
    "budget_unsettled",  # What a call cost could not be reported, or is not known.
    "label_unsent",  # A label did not reach the service, or was refused.
    "internal",  # Anything else that went wrong on our side.
]

P = ParamSpec("P")
logger = logging.getLogger(SCOPE)
_counts: dict[Kind, int] = {}
_lock = threading.Lock()


class UnfitError(Exception):
    """A value that cannot be recorded, and why."""

    def __init__(self, kind: Kind, reason: str) -> None:
        super().__init__(reason)
        self.kind: Kind = kind


def warnings_seen() -> dict[str, int]:
    """Count the warnings of this process so far, by kind."""
    with _lock:
        return {str(kind): count for kind, count in _counts.items()}


def note(kind: Kind, where: str, reason: str) -> None:
    """Count a warning and log the first of its kind; values are never logged."""
    with _lock:
        first = kind not in _counts
        _counts[kind] = _counts.get(kind, 0) + 1
    _counter().add(1, {"kind": kind})
    if first:
        logger.warning(
            "%s: %s (%s); further ones of this kind are only counted", where, reason, kind
        )


def guarded(
    report: Callable[[Exception], None],
    step: Callable[P, object],
    *args: P.args,
    **kwargs: P.kwargs,
) -> None:
    """Run a step of ours; hand its error to ``report`` instead of to the service."""
    try:
        step(*args, **kwargs)
    except Exception as error:  # noqa: BLE001  The promise of the library lives in this one place.
        report(error)


def reason_of(error: Exception) -> tuple[Kind, str]:
    """Say what kind of warning an error is, without calling code of the service."""
    if isinstance(error, UnfitError):
        return error.kind, str(error)
    return "internal", type(error).__name__


@cache
def _counter() -> metrics.Counter:
    # The API hands out a proxy that starts counting when the service sets a provider.
    return metrics.get_meter(SCOPE).create_counter(
        WARNINGS_METRIC, unit="{warning}", description="Values the library could not record."
    )
