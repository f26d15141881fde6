"""The job that keeps the price book up: the bundled list, and models telemetry carries first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from cost.prices.keeper import Keeper
from web.window import SECOND_NS

if TYPE_CHECKING:
    from cost.parts import CostParts

_logger = structlog.get_logger(__name__)


#: Who the job says it is where it changes the book.
ACTOR = "answerable"


class Sightings:
    """Imports the bundled list once a start, then publishes prices for models without one."""

    def __init__(self, parts: CostParts) -> None:
        self._store = parts.store
        self._settings = parts.settings
        self._clock = parts.clock
        self._keeper = Keeper.of(parts)
        self._imported = not parts.settings.price_list_import
        self._since_ns: int | None = None

    @property
    def interval_s(self) -> float:
        """Seconds between two looks."""
        return self._settings.price_interval_s

    def run(self) -> None:
        """Do what is due. Only the first look after a start goes far back."""
        if not self._imported:
            self._import()
        if self._since_ns is None:
            back_ns = round(self._settings.price_sighting_window_s * SECOND_NS)
            self._since_ns = max(0, self._clock() - back_ns)
        rows = self._store.query(
            "cost/models_unpriced",
            {"since_ns": self._since_ns, "limit": self._settings.price_names_max},
        )
        if rows or self._keeper.needs_publishing:
            change = self._keeper.change(ACTOR, reason="models seen for the first time")
            seen = [(row["provider"], row["model"]) for row in rows]
            self._keeper.publish(change, seen)
        if rows:
            # An insert may take its time, so the next look begins before the newest charge.
            lag_ns = round(self._settings.rollup_lag_s * SECOND_NS)
            newest = max(row["newest"] for row in rows)
            self._since_ns = max(self._since_ns, newest - lag_ns)
        self._keeper.drop_old()

    def _import(self) -> None:
        change = self._keeper.change(ACTOR, reason="price list of the installed genai-prices")
        imported = self._keeper.import_bundled(change)
        self._imported = True
        found = imported.difference
        _logger.info(
            "price_list_imported",
            source=imported.listed.source,
            new=len(found.new),
            changed=len(found.changed),
            gone=len(found.gone),
            skipped=len(imported.listed.skipped),
            book_version=imported.recorded.book_version,
        )
