"""Finding the traces of a window: newest first, each where its first span lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sql.client import Store
from web.pages import slices
from web.window import DAY_NS, HOUR_NS, LATEST_NS, SECOND_NS, Window

if TYPE_CHECKING:
    from collections.abc import Iterator

Row = dict[str, Any]
#: Start, tenant and id: the order of the list and what its cursor holds.
Key = tuple[int, str, str]

#: A trace is whole when its spans lie within a day of its start; the list looks no further.
SPREAD_NS = DAY_NS


@dataclass(frozen=True, slots=True)
class TraceFinder:
    """One search: whose traces, and which.

    Parameters
    ----------
    filters
        service, name, model, errors and min_duration_ns as collector/trace_page takes them.
    """

    store: Store
    tenants: Sequence[str]
    filters: Mapping[str, Any]

    def find(self, window: Window, after: Key | None, wanted: int) -> list[Row]:
        """Give up to `wanted` traces with their exact bounds."""
        if after is not None:
            window = Window(window.from_ns, min(window.to_ns, after[0] + 1))
        found: list[Row] = []
        for part in slices(window, HOUR_NS):
            for row in self._of_slice(part, after, wanted):
                found.append(row)
                if len(found) == wanted:
                    return found
        return found

    def bounds(self, trace_ids: Sequence[str], window: Window) -> list[Row]:
        """Read when traces began and ended, from the summary rows of a window."""
        return self.store.query(
            "collector/trace_bounds",
            {"tenants": self.tenants, "trace_ids": trace_ids, **_hours(window)},
        )

    def _of_slice(self, part: Window, after: Key | None, wanted: int) -> Iterator[Row]:
        while True:
            candidates = self._candidates(part, after, wanted)
            yield from self._starting(candidates)
            if len(candidates) < wanted:
                return
            last = candidates[-1]
            after = (last["start_ns"], last["tenant"], last["trace_id_hex"])

    def _candidates(self, part: Window, after: Key | None, wanted: int) -> list[Row]:
        before_ns, tenant, trace = after or (part.to_ns, "", "")
        near = Window(part.from_ns, part.to_ns + SPREAD_NS)
        # A filter on the whole trace needs its later rows as well.
        read = near if any(self.filters.values()) else part
        return self.store.query(
            "collector/trace_page",
            {
                **self.filters,
                **_hours(read),
                "tenants": self.tenants,
                "from_ns": part.from_ns,
                "to_ns": part.to_ns,
                "usage_from_ns": near.from_ns // HOUR_NS * HOUR_NS,
                "usage_to_ns": near.to_ns,
                "before_ns": before_ns,
                "before_tenant": tenant,
                "before_trace": trace,
                "limit": wanted,
            },
        )

    def _starting(self, candidates: Sequence[Row]) -> Iterator[Row]:
        """Leave out traces whose first span lies before the slice; they belong further back."""
        if not candidates:
            return
        near = Window(
            max(0, candidates[-1]["start_ns"] - SPREAD_NS), candidates[0]["start_ns"] + SPREAD_NS
        )
        ids = [row["trace_id_hex"] for row in candidates]
        exact = {(row["tenant"], row["trace_id_hex"]): row for row in self.bounds(ids, near)}
        for row in candidates:
            found = exact.get((row["tenant"], row["trace_id_hex"]))
            if found is not None and found["start_ns"] == row["start_ns"]:
                yield found


def counts(store: Store, traces: Sequence[Row]) -> dict[tuple[str, str], Row]:
    """Count spans, errors, decisions and tokens of traces, by tenant and id."""
    if not traces:
        return {}
    rows = store.query(
        "collector/trace_counts",
        {
            "tenants": sorted({row["tenant"] for row in traces}),
            "trace_ids": [row["trace_id_hex"] for row in traces],
            "from_ns": min(row["start_ns"] for row in traces),
            # A log record of a decision may come a little after the last span.
            "to_ns": max(row["end_ns"] for row in traces) + HOUR_NS,
        },
    )
    return {(row["tenant"], row["trace_id_hex"]): row for row in rows}


def _hours(window: Window) -> dict[str, int]:
    latest_s = LATEST_NS // SECOND_NS
    return {
        "first_hour_s": window.from_ns // HOUR_NS * 3600,
        "last_hour_s": min(latest_s, window.to_ns // SECOND_NS),
    }
