"""Restatement: charges follow the price book by further rows, never by an edit.

When a book is published, whatever it prices differently from the book before gets a row with the
difference: a late price where there was none, a correction where there was another. The first
pass is at once; a second comes when no insert can still have been priced by the book before.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import structlog

from web.window import DAY_NS, HOUR_NS, SECOND_NS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cost.parts import CostParts

_logger = structlog.get_logger(__name__)


#: Large blocks make few parts to merge.
_LARGE_BLOCKS = {
    "min_insert_block_size_rows": 1_048_576,
    "min_insert_block_size_bytes": 512 << 20,
}


@dataclass(frozen=True, slots=True)
class Due:
    """A published book whose charges are not finally restated.

    Parameters
    ----------
    previous_version
        The book it is compared with; 0 for none.
    newest_version
        The book that prices now; what it changed again is left to it.
    passes
        Restatements so far.
    settled
        Whether no insert can still be priced by the book before.
    """

    book_version: int
    previous_version: int
    newest_version: int
    change_id: str
    reason: str
    approver: str
    passes: int
    settled: bool


@dataclass(frozen=True, slots=True)
class Restated:
    """What one pass booked.

    Parameters
    ----------
    cost_changes
        By currency, how much dearer the past became.
    """

    late_prices: int
    corrections: int
    cost_changes: dict[str, Decimal]

    def plus(self, other: Restated) -> Restated:
        """Add what another stretch of time booked."""
        changes = dict(self.cost_changes)
        for currency, cost in other.cost_changes.items():
            changes[currency] = changes.get(currency, Decimal(0)) + cost
        return Restated(
            self.late_prices + other.late_prices, self.corrections + other.corrections, changes
        )


class Restatement:
    """The job that brings charges up to the price book."""

    def __init__(self, parts: CostParts) -> None:
        self._store = parts.store
        self._clock = parts.clock
        self._settings = parts.settings

    @property
    def interval_s(self) -> float:
        """Seconds between two looks for a new book."""
        return self._settings.restatement_interval_s

    def run(self) -> None:
        """Restate by every book that is due, oldest first."""
        for due in self.due():
            if due.settled or not due.passes:
                self.restate(due)

    def due(self) -> list[Due]:
        """Read which books are due."""
        settled_ns = round(self._settings.rollup_lag_s * SECOND_NS)
        rows = self._store.query("cost/restatements_due", {"settled_ns": settled_ns})
        return [Due(**{**row, "settled": bool(row["settled"])}) for row in rows]

    def restate(self, due: Due) -> Restated:
        """Book the differences one book makes; again after a crash books only what is missing."""
        versions = {"book_version": due.book_version, "previous_version": due.previous_version}
        bounds = self._store.query("cost/restatement_bounds", versions)[0]
        restated = Restated(0, 0, {})
        if bounds.pop("points"):
            bounds["to_ns"] = min(bounds["to_ns"], self._clock() + DAY_NS)
            change = {"change_id": due.change_id, "reason": due.reason, "approver": due.approver}
            parameters = {
                **versions,
                **change,
                "entry": f"book {due.book_version}.{due.passes + 1}",
            }
            newest = {"newest_version": due.newest_version}
            parameters |= newest
            for from_ns, to_ns in self._slices({**versions, **newest, **bounds}):
                parameters |= {"from_ns": from_ns, "to_ns": to_ns}
                self._store.execute("cost/reprice", parameters, settings=_LARGE_BLOCKS)
                restated = restated.plus(self._booked(parameters))
        self._record(due, restated)
        return restated

    def _slices(self, parameters: dict[str, Any]) -> Iterator[tuple[int, int]]:
        """Cut event time into stretches of whole hours that fit into memory."""
        first: int | None = None
        touched = end_ns = 0
        for row in self._store.query("cost/restatement_hours", parameters):
            start_ns = row["hour_s"] * SECOND_NS
            if first is not None and touched + row["charges"] > self._settings.restatement_rows_max:
                yield first, end_ns
                first, touched = None, 0
            first = start_ns if first is None else first
            touched += row["charges"]
            end_ns = start_ns + HOUR_NS
        if first is not None:
            yield first, end_ns

    def _booked(self, parameters: dict[str, Any]) -> Restated:
        shown = {name: parameters[name] for name in ("entry", "from_ns", "to_ns")}
        rows = self._store.query("cost/restatement_booked", shown)
        return Restated(
            sum(row["late_prices"] for row in rows),
            sum(row["corrections"] for row in rows),
            {row["currency"]: row["cost"] for row in rows if row["cost"]},
        )

    def _record(self, due: Due, restated: Restated) -> None:
        row = {
            "book_version": due.book_version,
            "final": due.settled,
            "finished_at": self._clock(),
            "late_prices": restated.late_prices,
            "corrections": restated.corrections,
            "cost_changes": restated.cost_changes,
        }
        self._store.insert("price_restatements", [row])
        if restated.late_prices or restated.corrections:
            _logger.info(
                "restated",
                book_version=due.book_version,
                late_prices=restated.late_prices,
                corrections=restated.corrections,
            )
