"""The ledger of a single process: in memory, with a journal that survives `kill -9`."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from cost.budgets import snapshot
from cost.budgets.bookkeeping import Bookkeeping
from cost.budgets.holdings import (
    OPEN,
    RELEASED,
    SETTLED,
    BudgetsUnavailableError,
    Held,
    Line,
    Reservation,
    Settlement,
    Suspension,
    Totals,
)
from cost.budgets.outcomes import check_extend, check_release, check_settle, unknown
from cost.budgets.state import State
from cost.budgets.windows import SLOT_NS
from web.window import DAY_NS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cost.budgets.journal import Journal

#: Sums older than any window are dropped; marks of windows that are over too.
SUMS_KEEP_NS = 400 * DAY_NS


class MemoryLedger(Bookkeeping):
    """Implements `cost.budgets.ledger.Ledger` under one lock.

    Parameters
    ----------
    reservations_max
        Most reservations kept. Finished ones give way to new ones, the oldest first; while all
        are open, nothing more is reserved.
    """

    waits = False

    def __init__(self, journal: Journal, *, reservations_max: int) -> None:
        super().__init__(journal)
        self._reservations_max = reservations_max

    def start(self, watermark_ns: int) -> None:
        """Rebuild the state from the journal; a fresh one starts with this watermark."""
        with self._guard:
            for operation in self._journal.open():
                snapshot.restore(self._state, operation)
            if not self._state.watermark_ns:
                self._do({"op": "start", "watermark_ns": watermark_ns})

    def close(self) -> None:
        """Close the journal."""
        with self._guard:
            self._journal.close()

    def sync(self) -> None:
        """Bring the journal to the disk itself."""
        self._journal.sync()

    def compact(self) -> None:
        """Write a snapshot where segments have piled up; from the files, so nobody waits."""
        self._journal.sync()
        if self._journal.closed():
            before = self._journal.number
            state = State()
            for operation in self._journal.replayed(before):
                snapshot.restore(state, operation)
            self._journal.snapshot(before, snapshot.dump(state))

    def hold(
        self, wanted: Reservation, lines: Sequence[Line], now_ns: int, *, only_look: bool = False
    ) -> Held:
        """Hold in every budget or in none."""
        with self._guard:
            self.expire(now_ns)
            existing = self._state.reservations.get(wanted.name)
            totals = tuple(
                self._state.tally(line.key).totals(line.start, line.end) for line in lines
            )
            suspension = self._suspension(wanted.tenant, now_ns)
            if existing is not None or only_look or suspension is not None:
                return Held(False, existing, totals, suspension)
            if any(line.is_blocked(total) for line, total in zip(lines, totals, strict=True)):
                return Held(False, None, totals, None)
            self._make_room()
            self._do({"op": "hold", "at": now_ns, "reservation": snapshot.body(wanted)})
            return Held(True, None, totals, None)

    def find(self, tenant: str, reservation_id: str) -> Reservation | None:
        """Look a reservation up."""
        return self._state.reservations.get((tenant, reservation_id))

    def settle(
        self, tenant: str, reservation_id: str, settlement: Settlement, now_ns: int
    ) -> tuple[Reservation, bool]:
        """Count what it came to."""
        with self._guard:
            self.expire(now_ns)
            found = self._get(tenant, reservation_id)
            if check_settle(found, settlement):
                return found, True
            self._do(
                {
                    "op": "settle",
                    "at": now_ns,
                    "tenant": tenant,
                    "id": reservation_id,
                    "amounts": dict(settlement.amounts),
                    "before": dict(found.settled),
                    "text": settlement.text,
                    "by": settlement.by,
                    "late": found.state not in {OPEN, SETTLED},
                    "released": found.state == RELEASED,
                }
            )
            return found, False

    def release(self, tenant: str, reservation_id: str, now_ns: int) -> tuple[Reservation, bool]:
        """Free what it holds."""
        with self._guard:
            self.expire(now_ns)
            found = self._get(tenant, reservation_id)
            if check_release(found):
                return found, True
            self._do({"op": "release", "at": now_ns, "tenant": tenant, "id": reservation_id})
            return found, False

    def extend(self, tenant: str, reservation_id: str, expires_ns: int, now_ns: int) -> Reservation:
        """Let it live longer."""
        with self._guard:
            self.expire(now_ns)
            found = self._get(tenant, reservation_id)
            check_extend(found)
            operation = {"op": "extend", "at": now_ns, "tenant": tenant, "id": reservation_id}
            self._do({**operation, "expires_ns": expires_ns})
            return found

    def expire(self, now_ns: int) -> int:
        """Free what reservations hold whose time ran out."""
        with self._guard:
            overdue = self._state.overdue(now_ns)
            if overdue:
                try:
                    names = [held.name for held in overdue]
                    self._do({"op": "expire", "at": now_ns, "ids": names})
                except BudgetsUnavailableError:
                    for held in overdue:
                        self._state.await_expiry(held)
                    raise
            return len(overdue)

    def totals(self, windows: Sequence[tuple[str, int, int]]) -> list[Totals]:
        """Sum up windows."""
        with self._guard:
            return [self._state.tally(key).totals(start, end) for key, start, end in windows]

    def reservations(
        self, tenants: Sequence[str], *, key: str, state: str, after: tuple[int, str], limit: int
    ) -> list[Reservation]:
        """List reservations, newest first."""
        with self._guard:
            kept = [*self._state.reservations.values()]
        found = (
            held
            for held in kept
            if (not tenants or held.tenant in tenants)
            and (not key or key in held.lines)
            and (not state or held.state == state)
            and held.position < after
        )
        return heapq.nlargest(limit, found, key=lambda held: held.position)

    def open_traced(self, before_ns: int, limit: int) -> list[Reservation]:
        """List open reservations made before a time that belong to a trace, oldest first."""
        with self._guard:
            kept = [*self._state.open.values()]
        found = (held for held in kept if held.trace_id and held.created_ns < before_ns)
        return heapq.nsmallest(limit, found, key=lambda held: held.created_ns)

    def is_alone(self, tenant: str, trace_id: str) -> bool:
        """Whether a trace has one reservation that is not finished, and none that was settled."""
        with self._guard:
            trace = self._state.traces.get((tenant, trace_id))
            return (
                trace is not None
                and trace.unfinished == 1
                and not any(share.settled for share in trace.shares.values())
            )

    def series(self, key: str, start: int, end: int) -> dict[int, Totals]:
        """Give the sums of a budget by slot."""
        with self._guard:
            slots = self._state.tally(key).slots
            return {slot: Totals(*slots[slot]) for slot in sorted(slots) if start <= slot < end}

    def open_counts(self) -> Mapping[str, int]:
        """Count open reservations by budget key."""
        counts: dict[str, int] = {}
        with self._guard:
            for held in self._state.open.values():
                for key in held.lines:
                    counts[key] = counts.get(key, 0) + 1
        return counts

    def purge(self, before_ns: int) -> None:
        """Drop what is finished and last touched before a time; also write a snapshot if due."""
        with self._guard:
            keep_ns = before_ns - SUMS_KEEP_NS
            operation = {"op": "purge", "before_ns": before_ns, "marks_before_ns": keep_ns}
            self._do({**operation, "before_slot": keep_ns // SLOT_NS})
        self.compact()

    def _get(self, tenant: str, reservation_id: str) -> Reservation:
        found = self._state.reservations.get((tenant, reservation_id))
        if found is None:
            raise unknown(reservation_id)
        return found

    def _suspension(self, tenant: str, now_ns: int) -> Suspension | None:
        for name in (tenant, ""):
            found = self._state.suspended.get(name)
            if found is not None and found.until_ns > now_ns:
                return found
        return None

    def _make_room(self) -> None:
        """Drop the oldest finished reservations where there are too many."""
        held = self._state.reservations
        if len(held) < self._reservations_max:
            return
        finished = (one for one in held.values() if one.state != OPEN)
        oldest = heapq.nsmallest(
            max(1, self._reservations_max // 10), finished, key=lambda one: one.touched_ns
        )
        if not oldest:
            raise BudgetsUnavailableError(
                f"{len(held)} reservations are open, the bound budget_reservations_max."
            )
        self._do({"op": "drop", "ids": [one.name for one in oldest]})
