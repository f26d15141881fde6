"""An Evidently report of a window against a reference."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drift.evidently.errors import EvidentlyBusyError
from drift.evidently.process import Ask, Format, Interpreter
from drift.evidently.tables import Tables, tables
from drift.slices.question import Against
from drift.slices.rows import Asked, Rows, read_rows
from sql.errors import InvalidInputError
from web.render import interval, timestamp
from web.window import Window

if TYPE_CHECKING:
    from drift.parts import DriftParts


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be drawn.

    Parameters
    ----------
    features
        Names; empty for all that were sent, and confidence and outcome.
    """

    tenant: str
    against: Against
    window: Window
    format: Format
    features: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drawn:
    """A report, and what had to be left out of it."""

    body: bytes
    left_out: dict[str, str]


class Reports:
    """Draws reports, a few at one time."""

    def __init__(self, parts: DriftParts) -> None:
        self._store = parts.store
        self._settings = parts.settings
        self._interpreter = Interpreter(parts.settings)
        self._places = threading.BoundedSemaphore(parts.settings.evidently_concurrent)

    def draw(self, request: Request) -> Drawn:
        """Read both windows and have them drawn; blocking.

        Raises
        ------
        InvalidInputError
            Where nothing can be compared.
        EvidentlyAbsentError, EvidentlyBusyError, EvidentlyFailedError, EvidentlySlowError
        """
        if not self._places.acquire(blocking=False):
            raise EvidentlyBusyError("Another report is being drawn; ask again in a minute.")
        try:
            return self._drawn(request)
        finally:
            self._places.release()

    def _drawn(self, request: Request) -> Drawn:
        rows = read_rows(self._store, self._asked(request))
        made = tables(rows, self._settings.evidently_features_max, request.features)
        if not made.numbers and not made.texts:
            raise InvalidInputError(_nothing(rows, made), field="from")
        body = self._interpreter.draw(
            Ask(
                made,
                request.format,
                f"{request.against.model} against {request.against.reference_id or 'a window'}",
                timestamp(request.window.to_ns),
                _metadata(request, rows, made),
            )
        )
        return Drawn(body, made.left_out)

    def _asked(self, request: Request) -> list[Asked]:
        names = request.features or ("@confidence", "@outcome")
        return [
            Asked(
                request.tenant,
                request.against.model,
                window,
                features=names,
                every_feature=not request.features,
                rows_max=self._settings.evidently_rows_max,
            )
            for window in (request.against.window, request.window)
        ]


def _nothing(rows: Rows, made: Tables) -> str:
    before, after = (portion.rows for portion in rows.portions)
    why = "; ".join(f"{name}: {reason}" for name, reason in [*made.left_out.items()][:5])
    return (
        f"Nothing can be compared: the reference's window has {before} decisions and the other "
        f"{after}{f', and of their features {why}' if why else ''}."
    )


def _metadata(request: Request, rows: Rows, made: Tables) -> dict[str, Any]:
    """Say what the report is of; Evidently keeps texts, and lists of them."""
    reference, current = rows.portions
    return {
        "tenant": request.tenant,
        "model": request.against.model,
        "reference_id": request.against.reference_id,
        "reference_version": str(request.against.reference_version),
        **{f"reference_{name}": at for name, at in interval(request.against.window).items()},
        **{f"window_{name}": at for name, at in interval(request.window).items()},
        "reference_decisions": str(reference.decisions),
        "reference_one_in": str(reference.modulo),
        "window_decisions": str(current.decisions),
        "window_one_in": str(current.modulo),
        "left_out": [f"{name}: {reason}" for name, reason in made.left_out.items()],
    }
