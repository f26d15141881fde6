"""An export: reads the charges of each part of a period and streams them as a file."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, localcontext
from typing import TYPE_CHECKING, Any

from cost.focus import charges, rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cost.focus.files import CsvFile, ParquetFile
    from cost.focus.periods import Part
    from cost.focus.rows import Issuer, Row
    from sql.client import Store

#: Sums of what a Decimal(38, 18) holds stay exact.
_EXACT = Context(prec=76)


@dataclass(frozen=True, slots=True)
class Summary:
    """What an export leaves out, for rows of FOCUS need a price.

    Parameters
    ----------
    events, unpriced
        What needs a price in the exported time, and what of it has none and so no row.
    quarantined
        Impossible reports, which are no money anywhere.
    """

    events: int
    unpriced: int
    quarantined: int

    @property
    def coverage(self) -> str:
        """The priced share, 0 to 1; empty where nothing needs a price."""
        if self.events <= 0:
            return ""
        return f"{1 - self.unpriced / self.events:.6f}"

    @property
    def metadata(self) -> dict[str, str]:
        """The same as a Parquet file's metadata and, prefixed, an answer's headers."""
        return {
            "events": str(self.events),
            "unpriced_events": str(self.unpriced),
            "coverage": self.coverage,
            "quarantined": str(self.quarantined),
        }


class Export:
    """One export, of some tenants and parts of time.

    Parameters
    ----------
    tenants
        As Principal.scope gives them; empty for all.
    """

    def __init__(
        self, store: Store, tenants: list[str], parts: Sequence[Part], issuer: Issuer
    ) -> None:
        self._store = store
        self._tenants = tenants
        self._parts = parts
        self._issuer = issuer

    def summary(self) -> Summary:
        """Read what of the original charges has no row."""
        originals = [part for part in self._parts if part.closed_ns is None]
        found = self._store.query(
            "cost/focus_coverage",
            {
                "tenants": self._tenants,
                "known_ns": max(part.known_ns for part in self._parts),
                "from_ns": originals[0].from_ns,
                "to_ns": originals[-1].to_ns,
            },
        )[0]
        return Summary(found["sum_events"], found["sum_unpriced"], found["sum_quarantined"])

    def rows(self) -> Iterator[list[Row]]:
        """Give the rows part by part; a part without any is left out."""
        for part in self._parts:
            with localcontext(_EXACT):
                made = [rows.row(charge, self._issuer) for charge in self._charges(part)]
            if made:
                yield made

    def stream(self, file: CsvFile | ParquetFile, metadata: dict[str, str]) -> Iterator[bytes]:
        """Write the whole file, piece by piece."""
        count = 0
        for made in self.rows():
            count += len(made)
            yield file.rows(made)
        yield file.end({**metadata, "rows": str(count)})

    def _charges(self, part: Part) -> Iterator[charges.Charge]:
        window: dict[str, Any] = {
            "tenants": self._tenants,
            "from_ns": part.from_ns,
            "to_ns": part.to_ns,
            "known_ns": part.known_ns,
        }
        if part.closed_ns is not None:
            asked = {**window, "closed_ns": part.closed_ns}
            found = self._store.query("cost/focus_corrections", asked)
            return charges.corrections(found, part.billing)
        found = self._store.query("cost/focus_charges", window)
        moves = (
            self._store.query("cost/moved_quantities", window) if charges.needs_moves(found) else []
        )
        return charges.put_together(found, moves, part.billing)
