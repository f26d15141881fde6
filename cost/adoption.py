"""Usage that agent and workflow spans report counts only where nothing beneath them reports it.

Such a span repeats what its calls used, so the insert leaves it out. Where its trace shows no
call with usage of that unit once it has settled, the outermost span's own figure is adopted;
should the calls report theirs later, the adoption is taken back.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from cost.recent import Bounds, Recent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cost.parts import CostParts

_Trace = tuple[str, str]


class Adoption:
    """The job that adopts what only an agent reported."""

    def __init__(self, parts: CostParts) -> None:
        self._store = parts.store
        self._settings = parts.settings
        self._settled = Recent(parts, parts.settings.aggregate_settle_s)
        self._late = Recent(parts)

    @property
    def interval_s(self) -> float:
        """Seconds between two looks at what was booked."""
        return self._settings.usage_interval_s

    def run(self) -> None:
        """Adopt what has settled; take back what was reported after all."""
        with self._late.next() as bounds:
            self._store.execute("cost/reverse_adoptions", bounds.parameters)
        with self._settled.next() as bounds:
            while self._adopt(bounds) == self._settings.adoption_traces_max:
                pass

    def _adopt(self, bounds: Bounds) -> int:
        """Adopt the next traces, and give their number; 0 where there is nothing to adopt."""
        limit = self._settings.adoption_traces_max
        found = self._store.query("cost/adoptable", {**bounds.parameters, "limit": limit})
        window = {"from_ns": bounds.from_ns, "to_ns": bounds.to_ns}
        parents = self._parents(found, window) if found else {}
        keys = [key for row in found for key in _outermost(row, parents)]
        # Spans that claim to be each other's parents leave none outermost.
        if not keys:
            return 0
        self._store.execute("cost/adopt", {"keys": keys, **window})
        return len(found)

    def _parents(
        self, found: list[dict[str, Any]], window: Mapping[str, int]
    ) -> dict[_Trace, dict[str, str]]:
        parameters = {
            "tenants": sorted({row["tenant"] for row in found}),
            "trace_ids": sorted({row["trace_hex"] for row in found}),
        }
        parents: dict[_Trace, dict[str, str]] = defaultdict(dict)
        for row in self._store.query("cost/span_parents", {**parameters, **window}):
            parents[row["tenant"], row["trace_hex"]][row["span_hex"]] = row["parent_hex"]
        return parents


def _outermost(row: dict[str, Any], parents: dict[_Trace, dict[str, str]]) -> Iterator[str]:
    """Name the reporting spans that have no reporting span above them."""
    above = parents.get((row["tenant"], row["trace_hex"]), {})
    reporting = set(row["span_hexes"])
    for span in row["span_hexes"]:
        if not reporting.intersection(_ancestors(span, above)):
            yield "/".join((row["tenant"], row["trace_hex"], span, row["unit"]))


def _ancestors(span: str, parents: dict[str, str]) -> Iterator[str]:
    seen = {span}
    while (parent := parents.get(span)) and parent not in seen:
        seen.add(parent)
        yield parent
        span = parent
